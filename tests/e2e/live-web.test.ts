// `npm run dev:web` in a browser: a page becomes alive and hears of a change through it.

import { startLiveWeb } from '@aisle/dev/web/live-web'
import { createLog } from '@aisle/kit/log'
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
  await page.goto(`${live.url}/tickets/${id}`)
  await page.getByText('€45.00').first().waitFor()
  await seller.expect(200, 'PATCH', `/api/tickets/${id}`, { price: 4_900 }, { 'if-match': '"1"' })
  await page.getByText('It was €45.00.').waitFor()
  expect(faults).toEqual([])
})
