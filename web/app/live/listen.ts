// Notifies an open page of changes, over Server-Sent Events. A browser reconnects after a lost connection and
// sends the last event id. This module adds what a browser lacks: it continues after a response that is not a
// stream, and it releases the connection while the page is hidden (a browser opens at most six connections to a
// site, and seven tabs with a stream each would leave none for a page).

/** The pause after a response that is not a stream, plus up to half of it; doubled after each further one. */
const firstPauseMs = 3_000
const longestPauseMs = 30_000

type Listener = {
  hear: (data: unknown) => void
  /** Called if something may have been missed: the page then asks the server. */
  lookAgain: () => void
}

/** Listens to `event` of the stream at `path`. Returns a function that stops it. */
export function listen(
  path: string,
  event: string,
  { hear, lookAgain }: Listener,
  random: () => number = Math.random,
): () => void {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let pauseMs = firstPauseMs

  const close = () => {
    clearTimeout(timer)
    source?.close()
    source = null
  }
  const openLater = () => {
    timer = setTimeout(
      () => {
        lookAgain()
        open()
      },
      pauseMs * (1 + random() / 2),
    )
    pauseMs = Math.min(2 * pauseMs, longestPauseMs)
  }
  const open = () => {
    close()
    if (typeof EventSource === 'undefined') return openLater()
    const opened = new EventSource(path)
    source = opened
    let wasLost = false
    opened.onopen = () => {
      pauseMs = firstPauseMs
      if (wasLost) lookAgain()
      wasLost = false
    }
    opened.onerror = () => {
      wasLost = true
      if (opened.readyState === EventSource.CLOSED) openLater()
    }
    opened.addEventListener(event, ({ data }: MessageEvent<string>) => hear(JSON.parse(data)))
  }
  const onVisibility = () => {
    if (document.visibilityState === 'hidden') return close()
    if (source) return
    lookAgain()
    open()
  }

  document.addEventListener('visibilitychange', onVisibility)
  if (document.visibilityState !== 'hidden') open()
  return () => {
    document.removeEventListener('visibilitychange', onVisibility)
    close()
  }
}
