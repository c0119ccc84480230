// A running Vendure shop with a PostgreSQL server of its own, of our version and with our settings, and its buyers.

import { execFile, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '@aisle/dev/free-port'
import { startPostgres } from '@aisle/dev/postgres'
import { createClient } from './stack.ts'

const run = promisify(execFile)
const files = fileURLToPath(new URL('./peers', import.meta.url))
const products = 60
const program = 'vendure.mjs'

export type Shop = AsyncDisposable & {
  readonly version: string
  /** Has so many buyers order one after another for some time; resolves to orders a second. */
  perSecond(buyers: number, forMs: number): Promise<number>
  /** Has so many buyers order the only unit of something; resolves to how often it was sold. */
  race(buyers: number): Promise<number>
}

/** `races`: of how many products there is one unit. */
export async function openShop(races: number): Promise<Shop> {
  const { folder, version } = await install()
  await using closers = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'aisle-bench-peer-'))
  closers.defer(() => rm(dataDir, { recursive: true, force: true }))
  const pg = await startPostgres({ dataDir })
  closers.defer(() => pg.stop())
  const port = await freePort()
  const child = fork(join(folder, program), {
    cwd: folder,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: String(port),
      DATABASE_URL: pg.adminUrl,
      PRODUCTS: String(products),
      SINGLE_UNITS: String(races),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  closers.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('Vendure ended while starting.')
    }),
  ])
  const origin = `http://127.0.0.1:${port}`
  const variants = await variantsOf(origin)
  const plenty = variants.filter(({ slug }) => slug.startsWith('plenty'))
  const single = variants.filter(({ slug }) => slug.startsWith('single'))
  const owned = closers.move()
  return {
    version,
    async perSecond(buyers, forMs) {
      const client = createClient(origin, buyers)
      const begun = performance.now()
      let sold = 0
      await Promise.all(
        Array.from({ length: buyers }, async () => {
          while (performance.now() - begun < forMs) {
            const { id } = plenty[Math.floor(Math.random() * plenty.length)]!
            const state = await order(client, id)
            if (state !== settled) throw new Error(`An order of Vendure ended as ${state}.`)
            sold++
          }
        }),
      )
      client.close()
      return (sold / (performance.now() - begun)) * 1000
    },
    async race(buyers) {
      const { id } = single.pop()!
      const client = createClient(origin, buyers)
      const states = await Promise.all(Array.from({ length: buyers }, () => order(client, id)))
      client.close()
      return states.filter((state) => state === settled).length
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Into a folder for each content of package.json, once. */
async function install(): Promise<{ folder: string; version: string }> {
  const manifest = await readFile(join(files, 'package.json'), 'utf8')
  const hash = createHash('sha256').update(manifest).digest('hex').slice(0, 12)
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), `aisle-bench-peers-${hash}`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), manifest)
  await copyFile(join(files, program), join(folder, program))
  // Does nothing when everything is there.
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], { cwd: folder })
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> }
  return { folder, version: dependencies['@vendure/core']! }
}

const settled = 'PaymentSettled'
const outcome = '{ __typename ... on Order { state } ... on ErrorResult { message } }'
/** What a guest's browser sends, in this order. */
const steps = [
  `setCustomerForOrder(input: { firstName: "B", lastName: "B", emailAddress: "EMAIL" }) ${outcome}`,
  `setOrderShippingAddress(input: { streetLine1: "1", postalCode: "1010", city: "Vienna", countryCode: "AT" })
    ${outcome}`,
  `setOrderShippingMethod(shippingMethodId: [1]) ${outcome}`,
  `transitionOrderToState(state: "ArrangingPayment") ${outcome}`,
  `addPaymentToOrder(input: { method: "dummy", metadata: {} }) ${outcome}`,
]

/** One guest buys one unit; resolves to the state of the order, or to why there is none. */
async function order(client: ReturnType<typeof createClient>, variantId: string): Promise<string> {
  const add = `addItemToOrder(productVariantId: "${variantId}", quantity: 1) ${outcome}`
  const email = `${crypto.randomUUID()}@aisle.test`
  let cookie = ''
  let state = ''
  for (const step of [add, ...steps]) {
    const query = `mutation { step: ${step.replace('EMAIL', email)} }`
    const { status, body, cookies } = await client.send('POST', '/shop-api', cookie, { query })
    const { data, errors } = JSON.parse(body) as {
      data?: { step: { state?: string; message?: string } } | null
      errors?: { message: string }[]
    }
    if (!data || errors) return `${status} ${errors?.[0]?.message}`
    if (data.step.state === undefined) return data.step.message ?? 'refused'
    state = data.step.state
    cookie ||= cookies.join('; ')
  }
  return state
}

async function variantsOf(origin: string): Promise<{ slug: string; id: string }[]> {
  const answer = await fetch(`${origin}/shop-api`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ products(options: { take: 100 }) { items { slug variants { id } } } }' }),
  })
  const { data } = (await answer.json()) as {
    data: { products: { items: { slug: string; variants: { id: string }[] }[] } }
  }
  return data.products.items.map(({ slug, variants }) => ({ slug, id: variants[0]!.id }))
}
