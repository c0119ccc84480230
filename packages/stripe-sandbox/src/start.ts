#!/usr/bin/env node
// Runs a standalone sandbox: node packages/stripe-sandbox/src/start.ts --port 12111 --data .data/stripe-sandbox
//
// With --webhook http://127.0.0.1:3000/webhooks --webhook-secret whsec_test it sends every event to that address, or
// only the types in --webhook-events charge.succeeded,refund.created. --public-url is its base URL for browsers, if not
// its own address. Ctrl-C or SIGTERM ends it.

import { parseArgs } from 'node:util'
import { startSandbox } from './sandbox.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '12111' },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string', default: '.data/stripe-sandbox' },
    'public-url': { type: 'string' },
    webhook: { type: 'string' },
    'webhook-secret': { type: 'string', multiple: true },
    'webhook-events': { type: 'string' },
  },
})

const { 'public-url': publicUrl, webhook: url, 'webhook-secret': secrets = [], 'webhook-events': events } = values
const sandbox = await startSandbox({
  port: Number(values.port),
  host: values.host,
  dataDir: values.data,
  ...(publicUrl === undefined ? {} : { publicUrl }),
  ...(url === undefined ? {} : { webhook: { url, secrets, ...(events && { enabledEvents: events.split(',') }) } }),
})
console.log(`Payment sandbox at ${sandbox.url}, state in ${values.data}.`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.stop())
