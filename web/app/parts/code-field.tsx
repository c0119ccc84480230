// The field for a code of the authenticator app, or for a recovery code.

import { useSecurityTexts } from '../texts/security.ts'
import { Field } from './field.tsx'

export function CodeField({ isRecovery = false, fault }: { isRecovery?: boolean; fault: string | undefined }) {
  const texts = useSecurityTexts()
  return isRecovery ? (
    <Field
      label={texts.security.recoveryCode}
      name="code"
      autoComplete="off"
      autoCapitalize="characters"
      spellCheck={false}
      required
      maxLength={40}
      fault={fault}
    />
  ) : (
    <Field
      label={texts.security.code}
      name="code"
      hint={texts.security.codeHint}
      inputMode="numeric"
      autoComplete="one-time-code"
      required
      maxLength={12}
      fault={fault}
    />
  )
}
