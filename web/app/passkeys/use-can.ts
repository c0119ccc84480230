import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** Whether this browser can use passkeys; false until the page is alive, and without JavaScript. */
export const useCanUsePasskeys = (): boolean =>
  useSyncExternalStore(
    never,
    () => 'PublicKeyCredential' in window,
    () => false,
  )
