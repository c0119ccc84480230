// An admin's action on something that belongs to another user. It opens on a click and requires a reason that
// the user will read.

import { Form } from 'react-router'
import { useTexts } from '../texts/use-texts.tsx'
import { Submit } from './button.tsx'
import { Field } from './field.tsx'
import { faultsOf, type Rejected, Rejection } from './rejection.tsx'

type Props = {
  intent: string
  label: string
  hint: string
  reasonLabel: string
  pending: string
  rejected: Rejected | undefined
}

export function Reasoned({ intent, label, hint, reasonLabel, pending, rejected }: Props) {
  const texts = useTexts()
  const own = rejected?.code === 'offline' || rejected?.values.intent === intent ? rejected : undefined
  return (
    <details open={own !== undefined}>
      <summary className="inline-flex min-h-11 items-center underline underline-offset-4">{label}</summary>
      <Form method="post" noValidate className="mt-2 grid max-w-xl gap-4" aria-label={label}>
        <Rejection rejected={own} labels={{ reason: reasonLabel }} />
        <p className="text-small text-muted">{hint}</p>
        <Field
          label={reasonLabel}
          name="reason"
          maxLength={500}
          autoComplete="off"
          defaultValue={own?.values.reason}
          fault={faultsOf(own, texts).fields.reason}
        />
        <div>
          <Submit intent={intent} pending={pending}>
            {label}
          </Submit>
        </div>
      </Form>
    </details>
  )
}
