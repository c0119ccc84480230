// Why nothing came of a passkey, calmly: people cancel, and browsers do not say why.

import { faultsOf } from '../parts/rejection.tsx'
import { usePasskeyTexts } from '../texts/passkeys.ts'

type Fault = { code: string; retryAfterSeconds?: number | undefined }

export function PasskeyFault({ fault }: { fault: Fault | undefined }) {
  const texts = usePasskeyTexts()
  if (!fault) return null
  const own = texts.passkeys.fault[fault.code as keyof typeof texts.passkeys.fault]
  const sentence = own ?? faultsOf({ values: {}, faults: [], ...fault }, texts).message
  return (
    <p role="status" className="text-small text-muted">
      {sentence}
    </p>
  )
}
