import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { listen } from './listen.ts'

/** A browser's stream, as far as a page sees it. */
class Stream extends EventTarget {
  static readonly CLOSED = 2
  static opened: Stream[] = []
  readyState = 1
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  readonly path: string
  constructor(path: string) {
    super()
    this.path = path
    Stream.opened.push(this)
  }
  close() {
    this.readyState = Stream.CLOSED
  }
  says(event: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }))
  }
}

const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
const last = () => Stream.opened.at(-1)!
const show = (visibilityState: string) => {
  page.visibilityState = visibilityState
  page.dispatchEvent(new Event('visibilitychange'))
}
let [heard, lookedAgain]: [unknown[], number] = [[], 0]
let end = () => {}
let random = 0
beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', Stream)
  vi.stubGlobal('document', page)
  Stream.opened = []
  ;[heard, lookedAgain, random] = [[], 0, 0]
  end = listen('/live', 'ticket', { hear: (data) => heard.push(data), lookAgain: () => lookedAgain++ }, () => random)
})
afterEach(() => {
  end()
  show('visible')
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it('hears its own events, until it is ended', () => {
  last().says('ticket', { id: 'a' })
  last().says('other', { id: 'b' })
  expect(heard).toEqual([{ id: 'a' }])
  end()
  expect(last().readyState).toBe(Stream.CLOSED)
})

it('leaves a lost connection to the browser, and looks again once it is back', () => {
  last().readyState = 0
  last().onerror?.()
  vi.advanceTimersByTime(60_000)
  expect([Stream.opened.length, lookedAgain]).toEqual([1, 0])
  last().onopen?.()
  expect(lookedAgain).toBe(1)
})

it('goes on after an answer that is no stream, ever more seldom', () => {
  for (const [pauseMs, count] of [
    [3_000, 1],
    [6_000, 2],
  ] as const) {
    last().readyState = Stream.CLOSED
    last().onerror?.()
    vi.advanceTimersByTime(pauseMs)
    expect([Stream.opened.length, lookedAgain]).toEqual([count + 1, count])
  }
})

it('does not come back at the same moment as all the other pages', () => {
  random = 1
  last().readyState = Stream.CLOSED
  last().onerror?.()
  vi.advanceTimersByTime(4_499)
  expect(Stream.opened.length).toBe(1)
  vi.advanceTimersByTime(1)
  expect(Stream.opened.length).toBe(2)
})

it('lets go while nobody looks, and looks again on return', () => {
  show('hidden')
  expect(last().readyState).toBe(Stream.CLOSED)
  show('visible')
  expect([Stream.opened.length, lookedAgain]).toEqual([2, 1])
})
