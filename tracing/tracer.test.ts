import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from '@aisle/kit/testing/settled'
import { expect, it } from 'vitest'
import { startCollector } from '../tests/collector.ts'
import { noTracer } from './span.ts'
import { openTracer } from './tracer.ts'

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const quiet = { service: 'orders', ratio: 1, lost: () => {} }

it('sends nothing that has not ended', async () => {
  await using collector = await startCollector()
  const tracer = await openTracer({ ...quiet, endpoint: collector.url })
  tracer.startSpan('begun', { kind: 'server' })
  tracer.startSpan('ended', { kind: 'server' }).end()
  await tracer.close()
  expect(collector.spans.map(({ service, name }) => [service, name])).toEqual([['orders', 'ended']])
})

it('continues the trace of a parent, and is the parent of others', async () => {
  await using collector = await startCollector()
  const tracer = await openTracer({ ...quiet, endpoint: `${collector.url}/` })
  const first = tracer.startSpan('first', { kind: 'consumer', parent })
  const second = tracer.startSpan('second', { kind: 'client', parent: first.traceparent, link: parent })
  second.fail(new Error('no answer'))
  for (const span of [second, first]) span.end()
  await tracer.close()
  const [, traceId, spanId] = parent.split('-')
  const [sentSecond, sentFirst] = collector.spans
  expect(sentFirst).toMatchObject({ traceId, parentSpanId: spanId, failed: undefined })
  expect(sentSecond).toMatchObject({ traceId, parentSpanId: sentFirst!.spanId, failed: 'no answer' })
  expect(sentSecond!.links).toMatchObject([{ traceId, spanId }])
  expect(first.traceparent).toBe(`00-${traceId}-${sentFirst!.spanId}-01`)
})

it.each(['', 'nonsense', '00-0-0-01', `${parent}-more`, '00-00000000000000000000000000000000-b7ad6b7169203331-01'])(
  'begins a new trace where the parent is %j',
  async (unreadable) => {
    await using collector = await startCollector()
    const tracer = await openTracer({ ...quiet, endpoint: collector.url })
    const span = tracer.startSpan('begins', { kind: 'server', parent: unreadable, link: unreadable })
    span.end()
    await tracer.close()
    expect(span.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(collector.spans).toMatchObject([{ parentSpanId: undefined, links: [] }])
  },
)

it('at ratio 0 sends nothing that begins here, but parts of a trace that is sent elsewhere', async () => {
  await using collector = await startCollector()
  const tracer = await openTracer({ ...quiet, endpoint: collector.url, ratio: 0 })
  const begun = tracer.startSpan('begun here', { kind: 'server' })
  begun.end()
  tracer.startSpan('a part of it', { kind: 'internal', parent: begun.traceparent }).end()
  tracer.startSpan('a part of another', { kind: 'internal', parent }).end()
  await tracer.close()
  expect(begun.traceparent).toMatch(/-00$/)
  expect(collector.spans.map(({ name }) => name)).toEqual(['a part of another'])
})

it('reports once that a collector refuses spans', async () => {
  const refusing = createServer((_request, response) => response.writeHead(400).end()).listen(0, '127.0.0.1')
  await once(refusing, 'listening')
  const said: string[] = []
  const endpoint = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`
  const tracer = await openTracer({ ...quiet, endpoint, lost: ({ message }) => said.push(message) })
  tracer.startSpan('lost', { kind: 'server' }).end()
  await until(
    async () => said,
    ({ length }) => length > 0,
  )
  tracer.startSpan('lost, too', { kind: 'server' }).end()
  await tracer.close()
  refusing.close()
  expect(said).toHaveLength(1)
})

it('is off without a collector: spans are their parents, and nothing is loaded', async () => {
  const tracer = await openTracer({ ...quiet, endpoint: 'off' })
  expect(tracer).toBe(noTracer)
  expect(tracer.startSpan('any', { kind: 'server', parent }).traceparent).toBe(parent)
  expect(tracer.startSpan('any', { kind: 'server' }).traceparent).toBeUndefined()
})
