// The passkeys of the user: each can be renamed and removed here, and another one added.

import type { Passkey } from '@aisle/contracts/passkeys'
import { Form, useNavigate } from 'react-router'
import { provePath } from '../format/return-path.ts'
import { Submit } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Record, Records } from '../parts/record.tsx'
import { usePasskeyTexts } from '../texts/passkeys.ts'
import { useFormat } from '../texts/use-texts.tsx'
import { makePasskey } from './ask-browser.ts'
import { AskButton } from './ask-button.tsx'
import { useAsking } from './use-asking.ts'

const page = '/account/security'

export function MyPasskeys({ list }: { list: readonly Passkey[] }) {
  const { passkeys } = usePasskeyTexts()
  const navigate = useNavigate()
  const asking = useAsking(
    async () => {
      const made = await makePasskey({ path: '/api/users/me/passkeys/options' })
      if (!made.ok && made.code === 'proof-needed') await navigate(provePath(page))
      return made
    },
    { intent: 'add-passkey' },
  )
  return (
    <>
      <p className="mb-4">{passkeys.body}</p>
      {list.length > 0 && (
        <Records>
          {list.map((passkey) => (
            <Entry key={passkey.id} passkey={passkey} />
          ))}
        </Records>
      )}
      <div className="mt-4 justify-self-start">
        <AskButton asking={asking}>{passkeys.add}</AskButton>
      </div>
    </>
  )
}

function Entry({ passkey: { id, name, madeAt, usedAt } }: { passkey: Passkey }) {
  const { passkeys } = usePasskeyTexts()
  const format = useFormat()
  return (
    <Record title={<bdi>{name}</bdi>}>
      <time className="numbers" dateTime={madeAt}>
        {passkeys.since(format.shortDate(madeAt))}
      </time>
      {usedAt && (
        <time className="numbers" dateTime={usedAt}>
          {passkeys.used(format.shortDate(usedAt))}
        </time>
      )}
      <div className="mt-2 flex w-full flex-wrap items-start gap-3">
        <details className="grow">
          <summary className="button">{passkeys.rename}</summary>
          <Form method="post" className="mt-3 grid justify-items-start gap-3" aria-label={passkeys.renameNamed(name)}>
            <input type="hidden" name="id" value={id} />
            <Field label={passkeys.name} id={`name-${id}`} name="name" defaultValue={name} maxLength={60} required />
            <Submit intent="rename-passkey" pending={passkeys.working}>
              {passkeys.save}
            </Submit>
          </Form>
        </details>
        <Form method="post" aria-label={passkeys.removeNamed(name)}>
          <input type="hidden" name="id" value={id} />
          <Submit intent="remove-passkey" pending={passkeys.working}>
            {passkeys.remove}
          </Submit>
        </Form>
      </div>
    </Record>
  )
}
