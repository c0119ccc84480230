import type { SignedByPasskey } from '@aisle/contracts/passkeys'

/** What a form carries of a signature by a passkey, unchecked: auth refuses what is none. */
export function readSigned(text: string | undefined): SignedByPasskey {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return {} as SignedByPasskey
  }
}
