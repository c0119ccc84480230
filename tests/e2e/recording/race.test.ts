// Films what README shows: two browsers side by side that race for one ticket. `npm run recording` saves the film.

import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { listTicket } from '../../world.ts'
import type { Member } from '../site.ts'
import { useSite } from '../site.ts'
import { type Frame, readPng, sideBySide, writeApng } from './apng.ts'

const site = useSite()
const screen = { viewport: { width: 470, height: 640 }, colorScheme: 'light' } as const
const maxBytes = 1.5 * 1024 * 1024

/** Films both until the returned function is called. Each picture is shown for `ms`. */
function film(people: readonly [Member, Member], frames: Frame[], ms: number): () => Promise<void> {
  let isOn = true
  const running = (async () => {
    while (isOn) await shoot(people, frames, ms).catch(() => {}) // a page that is just being left
  })()
  return async () => {
    isOn = false
    await running
  }
}

async function shoot([one, other]: readonly [Member, Member], frames: Frame[], ms: number): Promise<void> {
  const [left, right] = await Promise.all([one.page.screenshot(), other.page.screenshot()])
  frames.push({ picture: sideBySide(readPng(left), readPng(right), 8), ms })
}

/** For a page: how many frames the browser itself finds in the film. */
const countFrames = (recording: Buffer) => `(async () => {
  const data = Uint8Array.from(atob('${recording.toString('base64')}'), (sign) => sign.charCodeAt(0))
  const decoder = new ImageDecoder({ data, type: 'image/png' })
  await decoder.tracks.ready
  return decoder.tracks.selectedTrack.frameCount
})()`

it('two browsers race for one ticket, one of them pays, and the film of it is small', async () => {
  const seller = await site.world.member('Mara')
  const ticket = await listTicket(seller, { title: 'Stalls, row 8', currency: 'eur' })
  await site.world.settled()
  const rivals = [await site.member('Ada', screen), await site.member('Bea', screen)] as const
  for (const rival of rivals) await rival.opens(`/tickets/${ticket.id}`)
  const frames: Frame[] = []
  await shoot(rivals, frames, 2_000)

  const stop = film(rivals, frames, 250)
  const ends = await Promise.all(
    rivals.map(async (rival) => {
      await rival.presses('Reserve this ticket')
      const won = rival.find('heading', 'Checkout').waitFor()
      const told = rival.page.getByRole('alert').filter({ hasText: 'Someone was faster.' }).waitFor()
      return Promise.any([won.then(() => 'won'), told.then(() => 'told')])
    }),
  )
  expect(ends.toSorted()).toEqual(['told', 'won'])
  await stop()
  await shoot(rivals, frames, 2_500)

  const winner = rivals[ends.indexOf('won')]!
  const loser = rivals[ends.indexOf('told')]!
  const goOn = film(rivals, frames, 250)
  await winner.presses('Pay €45.00')
  await winner.typesCard()
  await winner.reads('You bought this ticket.')
  await loser.readsText('This ticket is sold.')
  await goOn()
  await shoot(rivals, frames, 3_500)

  const recording = writeApng(frames)
  expect(recording.length).toBeLessThan(maxBytes)
  expect(await loser.page.evaluate(countFrames(recording))).toBeGreaterThan(5)
  if (process.env.RECORDING) writeFileSync(process.env.RECORDING, recording)
})
