// The devices on which the user is signed in; each but the current one can be signed out here.

import type { SignedInDevice } from '@aisle/contracts/entities'
import { Form } from 'react-router'
import { useAccountTexts } from '../texts/account.ts'
import { useFormat } from '../texts/use-texts.tsx'
import { Submit } from './button.tsx'
import { Record, Records } from './record.tsx'
import { type Rejected, Rejection } from './rejection.tsx'

export function Devices({ devices, rejected }: { devices: readonly SignedInDevice[]; rejected: Rejected | undefined }) {
  const texts = useAccountTexts()
  return (
    <>
      <p className="mb-2 text-muted">{texts.account.devicesHint}</p>
      <Rejection rejected={rejected} />
      <Records>
        {devices.map((device) => (
          <Device key={device.id} device={device} />
        ))}
      </Records>
    </>
  )
}

function Device({ device: { id, device, address, createdAt, seenAt, current } }: { device: SignedInDevice }) {
  const texts = useAccountTexts()
  const format = useFormat()
  const name = device ?? texts.account.unknownDevice
  return (
    <Record title={name} aside={current && <span className="font-semibold">{texts.account.thisDevice}</span>}>
      <time className="numbers" dateTime={seenAt}>
        {texts.account.seen(format.shortDate(seenAt), format.timeWithZone(seenAt))}
      </time>
      <time className="numbers" dateTime={createdAt}>
        {texts.account.signedIn(format.shortDate(createdAt))}
      </time>
      <span className="numbers break-all">{texts.account.from(address)}</span>
      {!current && (
        <Form method="post" className="mt-2 w-full" aria-label={texts.account.endDeviceNamed(name)}>
          <input type="hidden" name="session" value={id} />
          <Submit intent="end" pending={texts.account.ending}>
            {texts.account.endDevice}
          </Submit>
        </Form>
      )}
    </Record>
  )
}
