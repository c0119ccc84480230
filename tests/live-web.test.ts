// `npm run dev:web`: pages from their sources in front of a marketplace that really runs.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { utimesSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Ticket } from '@aisle/contracts/entities'
import { type LiveWeb, startLiveWeb } from '@aisle/dev/web/live-web'
import { createLog } from '@aisle/kit/log'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Client } from './client.ts'
import { listen } from './event-stream.ts'
import { root } from './infra-files.ts'
import { closeWorld } from './invariants.ts'
import { listTicket, openWorld, type World } from './world.ts'

const log = createLog('test', process.env.TEST_LOG ?? 'fatal')
const main = join(root, 'dev/web/main.ts')

let world: World
let live: LiveWeb
beforeAll(async () => {
  world = await openWorld()
  live = await startLiveWeb({ port: 0, apiUrl: world.stack.url, log })
})
afterAll(async () => {
  await live?.stop()
  await closeWorld(world)
})

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${live.url}${path}`, { headers })

describe('the pages', () => {
  it('are rendered from the sources, with what the marketplace has', async () => {
    const ticket = await listTicket(await world.member(), { title: 'A seat at the rehearsal' })
    const page = await get(`/tickets/${ticket.id}`)
    const html = await page.text()
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([200, null])
    expect(html).toContain('A seat at the rehearsal')
    expect(html).toContain('/app/entry.client.tsx')
    expect((await get('/nothing-here')).status).toBe(404)
    const module = await get('/app/root.tsx')
    expect([module.status, module.headers.get('content-type')]).toEqual([200, 'text/javascript'])
  })

  it('take a form, and sign its sender in', async () => {
    const { user } = await world.member()
    const form = new URLSearchParams({ email: user.email, password: 'a good password' })
    const answer = await fetch(`${live.url}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: live.url, 'content-type': 'application/x-www-form-urlencoded' },
      body: form,
    })
    expect(answer.status).toBe(303)
    const cookie = answer.headers.getSetCookie().map((set) => set.split(';', 1)[0]!)
    const account = await get('/account', { cookie: cookie.join('; ') })
    expect([account.status, await account.text()]).toEqual([200, expect.stringContaining(user.email)])
  })

  it('are reloaded by the browser when a source changes', async () => {
    const [, token] = /wsToken = "([^"]+)"/.exec(await (await get('/@vite/client')).text())!
    for (const module of ['/app/root.tsx', '/app/parts/site-footer.tsx']) await (await get(module)).text()
    const socket = new WebSocket(`${live.url.replace('http', 'ws')}/?token=${token}`, 'vite-hmr')
    onTestFinished(() => socket.close())
    const said: { type: string; updates?: { path: string }[] }[] = []
    socket.addEventListener('message', ({ data }) => said.push(JSON.parse(String(data))))
    const saying = (wanted: (one: (typeof said)[number]) => boolean) =>
      until(
        async () => said,
        (all) => all.some(wanted),
        'the browser to hear of it',
      )
    await saying(({ type }) => type === 'connected')
    utimesSync(join(root, 'web/app/parts/site-footer.tsx'), new Date(), new Date())
    await saying(({ updates = [] }) => updates.some(({ path }) => path === '/app/parts/site-footer.tsx'))
  })
})

describe('/api', () => {
  it('is that of the marketplace, for calls from these pages', async () => {
    const client = new Client(live.url)
    const body = { email: 'live@aisle.test', password: 'a good password', name: 'Live' }
    // As a browser sends it, which names the origin of the page.
    await client.send('POST', '/api/users/signup', body, { origin: live.url, referer: `${live.url}/sign-up` })
    expect(await client.expect(200, 'GET', '/api/users/currentuser')).toMatchObject({
      currentUser: { email: 'live@aisle.test' },
    })
    expect((await client.send('GET', '/api/nothing')).status).toBe(404)
  })

  it('delivers live streams as they come, and closes them with the page', async () => {
    const seller = await world.member()
    const ticket = await listTicket(seller, { price: 4_500 })
    {
      await using page = await listen<Ticket>(live.url, new Client(live.url), `/api/tickets/live?ids=${ticket.id}`)
      expect(page.status).toBe(200)
      await page.hears(({ data }) => data.price === 4_500)
      await seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 4_900 }, { 'if-match': '"1"' })
      await page.hears(({ data }) => data.price === 4_900)
    }
    const open = async () => {
      const text = await (await fetch(`${world.stack.origins('tickets')[0]}/metrics`)).text()
      return Number(/^streams_open\S* (\d+)$/m.exec(text)?.[1])
    }
    await until(open, (count) => count === 0, 'the stream to be closed')
  })
})

describe('an address', () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: root, encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  const refusal = (sentence: string | RegExp) => ({ status: 1, stdout: '', stderr: expect.stringMatching(sentence) })

  it('that is missing, or none, is refused in one sentence', () => {
    expect(run()).toEqual(refusal(/^The address of a marketplace is missing: npm run dev:web -- --api https:\S+\n$/))
    expect(run('--api', 'tickets.example')).toEqual(
      refusal(/^"tickets.example" is no address of a marketplace; give one like --api https:\S+\n$/),
    )
  })

  it('where nothing answers, or something else, is refused in one sentence', async () => {
    expect(run('--api', 'http://127.0.0.1:9')).toEqual(
      refusal(
        /^No marketplace answers at http:\/\/127\.0\.0\.1:9 \([^\n]+\); start one there, or give another address\.\n$/,
      ),
    )
    const other = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const address = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    await expect(startLiveWeb({ port: 0, apiUrl: address, log })).rejects.toThrow(
      `No marketplace answers at ${address} (${address}/api/events answered 200, and not with a list of events); start`,
    )
  })

  it('of a marketplace is served until Ctrl-C', async () => {
    const child = spawn(process.execPath, [main, '--api', world.stack.url, '--port', '0'], { cwd: root })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text))
    await until(
      async () => said,
      (text) => text.includes('\n'),
      'the start',
    )
    const [, url] = /^The pages are on (http:\S+), with the API of /.exec(said)!
    expect((await fetch(url!)).status).toBe(200)
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
  })
})
