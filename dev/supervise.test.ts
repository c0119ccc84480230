import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '@aisle/kit/log'
import { until } from '@aisle/kit/testing/settled'
import { expect, it, onTestFinished } from 'vitest'
import { freePort } from './free-port.ts'
import { supervise } from './supervise.ts'

const program = `
import { createServer } from 'node:http'
process.on('SIGTERM', () => process.exit(Number(process.env.CODE)))
createServer((_, response) => response.end()).listen(Number(process.env.PORT), process.env.HOST)
`

/** A program that answers a SIGTERM with this exit code. */
async function running(code: number, platform: NodeJS.Platform = process.platform) {
  const folder = await mkdtemp(join(tmpdir(), 'aisle-supervise-'))
  const file = join(folder, 'program.mjs')
  await writeFile(file, program)
  const supervised = supervise({
    name: 'orders-2',
    file,
    port: await freePort(),
    env: { CODE: code },
    readyPath: '/',
    log: createLog('test', 'fatal'),
    platform,
  })
  onTestFinished(async () => {
    supervised.signal('SIGKILL')
    await rm(folder, { recursive: true })
  })
  await supervised.ready()
  return supervised
}

it('reports nothing about a program that stops in order', async () => {
  const supervised = await running(0)
  expect(await supervised.stop()).toBeNull()
  expect(await supervised.stop()).toBeNull()
})

it('names a program that fails to stop in order', async () => {
  const supervised = await running(1)
  expect(await supervised.stop()).toBe('orders-2 stopped with the exit code 1')
})

it('restarts a program that is killed, with the means of macOS too', async () => {
  const supervised = await running(0, 'darwin')
  supervised.signal('SIGKILL')
  await until(
    () => supervised.ready().then(() => true),
    (ready) => ready,
  )
  expect(await supervised.stop()).toBeNull()
})
