// What the user has as a second factor, with what can be done about it.

import type { Factors } from '@aisle/contracts/entities'
import type { Static } from '@aisle/contracts/schema'
import { Form, Link } from 'react-router'
import { useSecurityTexts } from '../texts/security.ts'
import { useFormat } from '../texts/use-texts.tsx'
import { Submit } from './button.tsx'
import { Notice } from './notice.tsx'

export function Authenticator({ authenticator }: Pick<Static<typeof Factors>, 'authenticator'>) {
  const texts = useSecurityTexts()
  const format = useFormat()
  return (
    <>
      <p>{authenticator ? texts.security.appSince(format.shortDate(authenticator.since)) : texts.security.appBody}</p>
      <Form method="post" className="mt-4 flex flex-wrap gap-3">
        <Submit look={authenticator ? 'plain' : 'main'} intent="offer" pending={texts.security.working}>
          {authenticator ? texts.security.changeApp : texts.security.addApp}
        </Submit>
        {authenticator && (
          <Submit intent="remove" pending={texts.security.working}>
            {texts.security.removeApp}
          </Submit>
        )}
      </Form>
    </>
  )
}

export function RecoveryCodes({ left }: { left: number }) {
  const texts = useSecurityTexts()
  return (
    <>
      <p>{texts.security.codesBody}</p>
      <p className="mt-2 font-semibold">{texts.security.codesLeft(left)}</p>
      <Form method="post" className="mt-4 grid justify-items-start gap-2">
        <Submit intent="codes" pending={texts.security.working}>
          {texts.security.makeCodes}
        </Submit>
        <p className="text-small text-muted">{texts.security.makeCodesHint}</p>
      </Form>
    </>
  )
}

/** They are shown once. */
export function NewRecoveryCodes({ codes }: { codes: readonly string[] }) {
  const texts = useSecurityTexts()
  return (
    <section className="mt-8">
      <h2 className="mb-4 text-entry">{texts.security.newCodes}</h2>
      <Notice look="warn" announce title={texts.security.newCodesBody} />
      <ol className="numbers my-6 grid select-all gap-x-8 gap-y-2 font-semibold sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <Link className="button button-main" to="/account/security">
        {texts.security.kept}
      </Link>
    </section>
  )
}
