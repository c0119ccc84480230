// The tarballs of `npm run pack` work in an empty folder: a program of somebody else signs up, lists a ticket, reserves
// and pays one at a running marketplace, and its calls are typed.

import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packAll } from '@aisle/dev/pack'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from './infra-files.ts'
import { openWorld } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'aisle-packages-'))
const run = promisify(execFile)

beforeAll(() => {
  packAll(folder)
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  expect(tarballs.length).toBe(2)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  const paths = tarballs.map((name) => `./${name}`)
  execFileSync('npm', ['install', ...options, ...paths], { cwd: folder, stdio: 'pipe' })
})
afterAll(() => rmSync(folder, { recursive: true }))

const program = `
  import { setTimeout } from 'node:timers/promises'
  import { Client, keepCookies } from '@aisle/client'
  import { reserveTicket, showOrder } from '@aisle/contracts/api/orders'
  import { payOrder } from '@aisle/contracts/api/payments'
  import { listTicket } from '@aisle/contracts/api/tickets'
  import { currentUser, signUp } from '@aisle/contracts/api/users'

  const member = async (name) => {
    const client = new Client(process.argv[2], keepCookies())
    await get(client, signUp, { body: { email: name + '@elsewhere.test', password: 'a good password', name } })
    return client
  }
  const get = async (client, endpoint, input) => {
    const answer = await client.call(endpoint, input)
    if (!answer.ok) throw new Error(answer.problem.code)
    return answer.body
  }
  const until = async (read, isDone) => {
    for (;;) {
      const value = await read()
      if (isDone(value)) return value
      await setTimeout(20)
    }
  }
  const [seller, buyer] = [await member('ada'), await member('grace')]
  const ticket = await get(seller, listTicket, { body: { title: 'Row 3', price: 4500, currency: 'eur' } })
  const { body: order } = await until(
    () => buyer.call(reserveTicket, { body: { ticketId: ticket.id, price: 4500, currency: 'eur' } }),
    (answer) => answer.ok,
  )
  const params = { id: order.id }
  await until(() => buyer.call(payOrder, { body: { orderId: order.id, token: 'tok_visa' } }), (answer) => answer.ok)
  await until(() => get(buyer, showOrder, { params }), ({ status }) => status === 'complete')
  const foreign = await seller.call(showOrder, { params })
  const { currentUser: user } = await get(buyer, currentUser, {})
  console.log(JSON.stringify([user.name, foreign.ok, foreign.problem.code]))
`

it('a program sells and buys a ticket with them', async () => {
  await using world = await openWorld()
  writeFileSync(join(folder, 'buy.js'), program)
  const { stdout } = await run(process.execPath, ['buy.js', world.stack.url], { cwd: folder, timeout: 60_000 })
  expect(JSON.parse(stdout)).toEqual(['grace', false, 'forbidden'])
})

it('calls are typed: what goes in, what comes out, and what may be missing', () => {
  writeFileSync(
    join(folder, 'typed.ts'),
    `import { Client } from '@aisle/client'
     import { liveOrder, reserveTicket, showOrder } from '@aisle/contracts/api/orders'
     import type { Order } from '@aisle/contracts/entities'
     const client = new Client('http://localhost:3000')
     const answer = await client.call(reserveTicket, { body: { ticketId: 'x' } })
     if (answer.ok) {
       const order: Order = answer.body
       const status: 'complete' | 'other' = order.status === 'complete' ? order.status : 'other'
       // @ts-expect-error an order has no such field
       console.log(status, order.colour)
     }
     // @ts-expect-error it may be a refusal
     console.log(answer.body)
     // @ts-expect-error an order is of a ticket
     await client.call(reserveTicket, { body: {} })
     // @ts-expect-error which order?
     await client.call(showOrder, {})
     // @ts-expect-error a stream is not one answer
     await client.call(liveOrder, { params: { id: 'x' } })`,
  )
  const modules = join(root, 'node_modules')
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024']
  const types = ['--types', 'node', '--typeRoots', join(modules, '@types')]
  expect(() =>
    execFileSync(process.execPath, [join(modules, 'typescript/bin/tsc'), ...options, ...types, 'typed.ts'], {
      cwd: folder,
      stdio: 'pipe',
      encoding: 'utf8',
    }),
  ).not.toThrow()
})
