// Messages are checked when they are written and again when they are read, against the same declaration.

import { type Data, Envelope, type Message } from '@aisle/contracts/message'
import { type Checked, checker } from '../check.ts'

const checks = new WeakMap<object, (value: unknown) => Checked>()

function check(schema: Message['data'], value: unknown): Checked {
  let run = checks.get(schema)
  if (!run) {
    run = checker(schema)
    checks.set(schema, run)
  }
  return run(value)
}

/** The faults of a value in one sentence. */
export const describeFaults = (faults: { message: string; field?: string }[]): string =>
  faults.map(({ field = 'it', message }) => `${field} ${message}`).join('; ')

type Stamp = { id: string; time: Date }
type Origin = {
  requestId?: string | null | undefined
  traceparent?: string | null | undefined
  isSnapshot?: boolean | undefined
}

/**
 * Wraps `data` in its envelope (CloudEvents 1.0). Throws when it does not match the declaration: the publisher's
 * fault, found before anything is written.
 */
export function compose<M extends Message>(
  message: M,
  subject: string,
  data: Data<M>,
  stamp: Stamp,
  { requestId, traceparent, isSnapshot }: Origin = {},
): Envelope {
  const checked = check(message.data, data)
  if (!checked.ok)
    throw new Error(`${message.type} about ${subject} is not as declared: ${describeFaults(checked.faults)}`)
  return {
    specversion: '1.0',
    id: stamp.id,
    source: `/aisle/${message.source}`,
    type: message.type,
    subject,
    time: stamp.time.toISOString(),
    datacontenttype: 'application/json',
    ...(requestId ? { requestid: requestId } : {}),
    ...(traceparent ? { traceparent } : {}),
    ...(isSnapshot ? { snapshot: true as const } : {}),
    data,
  }
}

/**
 * What is wrong with a message that arrived over the bus, or null. Without `message`, only the envelope is checked.
 */
export function faultOf(envelope: unknown, message: Message | undefined): string | null {
  const outer = check(Envelope, envelope)
  if (!outer.ok) return `the envelope is not as declared: ${describeFaults(outer.faults)}`
  if (!message) return null
  const inner = check(message.data, (envelope as Envelope).data)
  return inner.ok ? null : `the data of ${message.type} is not as declared: ${describeFaults(inner.faults)}`
}
