// Measures the speed of the sandbox: node packages/stripe-sandbox/src/bench.ts [seconds]
//
// The sandbox runs in its own process with its state on disk; this process drives it over keep-alive
// connections. A sale does what our payments service does: create and confirm under manual capture, then
// capture, each with an idempotency key.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const seconds = Number(process.argv[2] ?? 5)
const connections = 32
const port = 12_198

const dataDir = mkdtempSync(join(tmpdir(), 'sandbox-bench-'))
const entry = join(import.meta.dirname, 'start.ts')
const child = spawn(process.execPath, [entry, '--port', String(port), '--data', dataDir], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
await once(child.stdout, 'data')
const agent = new Agent({ keepAlive: true, maxSockets: connections })

try {
  await sale(0)
  const [sales, cpuSales] = await measure(sale)
  console.log(`sales (2 writes each)   ${sales}/s, that is ${sales * 2} requests/s; ${cpuSales} % of a core`)
  const id = await sale(1)
  const [reads, cpuReads] = await measure(() => send('GET', `/v1/payment_intents/${id}`, '', undefined))
  console.log(`retrieve an intent      ${reads}/s; ${cpuReads} % of a core`)
  const search = `/v1/payment_intents/search?query=${encodeURIComponent("metadata['payment_id']:'payment-1'")}`
  const [searches, cpuSearches] = await measure(() => send('GET', search, '', undefined))
  console.log(`search by payment_id    ${searches}/s; ${cpuSearches} % of a core`)
} finally {
  agent.destroy()
  child.kill('SIGTERM')
  await once(child, 'exit')
  rmSync(dataDir, { recursive: true })
}

async function sale(number: number): Promise<string> {
  const create =
    'amount=12500&currency=usd&confirm=true&capture_method=manual&payment_method_data[type]=card' +
    `&payment_method_data[card][token]=tok_visa&allowed_payment_method_types[0]=card&metadata[payment_id]=payment-${number}`
  const intent = JSON.parse(await send('POST', '/v1/payment_intents', create, `authorise:${number}:1`)) as {
    id: string
  }
  await send('POST', `/v1/payment_intents/${intent.id}/capture`, '', `capture:${number}:1`)
  return intent.id
}

// Runs the work sequentially on each connection; returns how many per second, and the sandbox's share of one
// core.
async function measure(work: (number: number) => Promise<unknown>): Promise<[perSecond: number, cpuPercent: number]> {
  let done = 0
  let number = 1000 + Math.floor(Math.random() * 1e12)
  const cpuBefore = await cpuSeconds()
  const end = performance.now() + seconds * 1000
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        number += 1
        await work(number)
        done += 1
      }
    }),
  )
  return [Math.round(done / seconds), Math.round(((await cpuSeconds()) - cpuBefore) * (100 / seconds))]
}

async function cpuSeconds(): Promise<number> {
  const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function send(method: string, path: string, body: string, key: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | number> = { authorization: 'Bearer sk_test_bench' }
    if (method === 'POST') {
      headers['content-type'] = 'application/x-www-form-urlencoded'
      headers['content-length'] = Buffer.byteLength(body)
      headers['idempotency-key'] = key!
    }
    const outgoing = request({ port, host: '127.0.0.1', method, path, agent, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(text) : reject(new Error(`${answer.statusCode}: ${text}`)),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
