// A listening page: Server-Sent Events over fetch.

import { until } from '@aisle/kit/testing/settled'
import type { Client } from './client.ts'

export type Heard<T> = { id?: string; event: string; data: T }

export type Listening<T> = AsyncDisposable & {
  readonly status: number
  readonly heard: Heard<T>[]
  /** True once the server has ended the stream. */
  readonly ended: () => boolean
  /** Waits for a matching event; resolves to it. */
  hears(wanted: (heard: Heard<T>) => boolean): Promise<Heard<T>>
}

/** Opens the stream at `path` as `client`; `lastEventId` is what a reconnecting browser sends. */
export async function listen<T>(
  origin: string,
  client: Client,
  path: string,
  lastEventId?: string,
  headers: Record<string, string> = {},
): Promise<Listening<T>> {
  const closing = new AbortController()
  const response = await fetch(`${origin}${path}`, {
    signal: closing.signal,
    headers: {
      ...headers,
      accept: 'text/event-stream',
      ...(client.cookie ? { cookie: client.cookie } : {}),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  })
  const heard: Heard<T>[] = []
  let ended = false
  const reading = read()
    .catch(() => {})
    .finally(() => {
      ended = true
    })
  return {
    status: response.status,
    heard,
    ended: () => ended,
    async hears(wanted) {
      const { status } = response
      const { heard: all } = await until(
        async () => ({ status, ended, heard }),
        ({ heard }) => heard.some(wanted),
        'the page to hear of it',
      )
      return all.find(wanted)!
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await reading
    },
  }

  async function read(): Promise<void> {
    let text = ''
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      text += part
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]))
        const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')]
        if (event && data) heard.push({ ...(id ? { id } : {}), event, data: JSON.parse(data) })
      }
    }
  }
}
