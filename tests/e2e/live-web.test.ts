// `npm run dev:web` in a browser: a page becomes alive and hears of a change through it.

import { startLiveWeb } from '@aisle/dev/web/live-web'
import { createLog } from '@aisle/kit/log'
import { until } from '@aisle/kit/testing/settled'
import { expect, it, onTestFinished } from 'vitest'
import { closeWorld } from '../invariants.ts'
import { listTicket, openWorld } from '../world.ts'
import { launchChromium } from './chromium.ts'

it('a ticket’s page from the sources changes with its price', async () => {
  const world = await openWorld()
  onTestFinished(() => closeWorld(world))
  const log = createLog('test', process.env.TEST_LOG ?? 'fatal')
  const live = await startLiveWeb({ port: 0, apiUrl: world.stack.url, log })
  onTestFinished(() => live.stop())
  const seller = await world.member()
  const { id } = await listTicket(seller, { price: 4_500, currency: 'eur' })

  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  const faults: string[] = []
  page.on('pageerror', ({ message }) => faults.push(message))
  // A page that Vite loads anew leaves what it was loading; only the faults of the one that stays count.
  page.on('domcontentloaded', () => faults.splice(0))
  await page.goto(`${live.url}/tickets/${id}`)
  await page.getByText('€45.00').first().waitFor()
  // Vite loads the page anew when it finds out late what the page needs. Then the page has the new price from the
  // start, and the next change is the first that it sees.
  let price = 4_500
  const changes = async () => {
    price += 100
    await seller.expect(200, 'PATCH', `/api/tickets/${id}`, { price })
    const told = page.getByText('It was €')
    return await told.waitFor({ timeout: 5_000 }).then(
      () => true,
      () => false,
    )
  }
  await until(changes, Boolean, 'the page to say what the price was')
  expect(faults).toEqual([])
})
