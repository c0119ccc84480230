// The field for a code of the authenticator app, or for a recovery code.

import type { security } from '../texts/en-security.ts'
import { Field } from './field.tsx'

type CodeFieldProps = {
  /** Given by the page: a part of many pages that had them would bring them to every page. */
  texts: Pick<typeof security, 'recoveryCode' | 'code' | 'codeHint'>
  isRecovery?: boolean
  fault: string | undefined
}

export function CodeField({ texts, isRecovery = false, fault }: CodeFieldProps) {
  return isRecovery ? (
    <Field
      label={texts.recoveryCode}
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
      label={texts.code}
      name="code"
      hint={texts.codeHint}
      inputMode="numeric"
      autoComplete="one-time-code"
      required
      maxLength={12}
      fault={fault}
    />
  )
}
