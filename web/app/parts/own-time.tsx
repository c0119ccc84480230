import { useEffect, useState } from 'react'
import { useFormat } from '../texts/use-texts.tsx'

/** A moment on the clock of the reader's time zone, which only their browser knows: null until it says. */
export function useOwnTime(iso: string | undefined): string | null {
  const format = useFormat()
  const [time, setTime] = useState<string | null>(null)
  useEffect(() => setTime(iso === undefined ? null : format.ownTime(new Date(iso))), [format, iso])
  return time
}
