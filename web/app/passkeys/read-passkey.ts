import type { NewPasskey, SignedByPasskey } from '@aisle/contracts/passkeys'

/** What a form carries of a passkey, unchecked: auth refuses what is none. */
export function readPasskey<T extends NewPasskey | SignedByPasskey>(text: string | undefined): T {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return {} as T
  }
}
