// An authenticator app to connect: a QR code to scan, or a key to type, and the first code.

import { Form } from 'react-router'
import type { QrCode } from '../api/qr-code.server.ts'
import { useSecurityTexts } from '../texts/security.ts'
import { Submit } from './button.tsx'
import { CodeField } from './code-field.tsx'
import { faultsOf, type Rejected, Rejection } from './rejection.tsx'

export type Offer = { readonly uri: string; readonly secret: string; readonly qrCode: QrCode }

export function AuthenticatorOffer({ offer, rejected }: { offer: Offer; rejected: Rejected | undefined }) {
  const texts = useSecurityTexts()
  const { uri, secret, qrCode } = offer
  return (
    <Form method="post" noValidate className="grid gap-5">
      <Rejection rejected={rejected} />
      <p>{texts.security.scan}</p>
      {/* Dark on light in every colour scheme: readers expect it. */}
      <svg
        viewBox={`0 0 ${qrCode.size} ${qrCode.size}`}
        className="w-56 rounded-sm"
        shapeRendering="crispEdges"
        role="img"
        aria-label={texts.security.qrCode}
      >
        <path fill="#fff" d={`M0 0h${qrCode.size}v${qrCode.size}h-${qrCode.size}z`} />
        <path fill="#000" d={qrCode.path} />
      </svg>
      <div>
        <p>{texts.security.orType}</p>
        <p className="mt-1">
          <code className="numbers select-all break-all font-semibold">{secret.replaceAll(/.{4}(?=.)/g, '$& ')}</code>
        </p>
      </div>
      <p>{texts.security.thenCode}</p>
      <input type="hidden" name="secretUri" value={uri} />
      <CodeField texts={texts.security} fault={faultsOf(rejected, texts).fields.code} />
      <div>
        <Submit look="main" intent="confirm" pending={texts.security.working}>
          {texts.security.connect}
        </Submit>
      </div>
    </Form>
  )
}
