// A page that is open is told what changes, over Server-Sent Events. A browser connects again by itself after a lost connection and names what it heard last;
// what it cannot do by itself is here: to go on after an answer that is no stream, and to let go while nobody looks (a browser opens six connections to a
// site at the most, and seven tabs with a stream each would leave none for a page).

/** How long to wait after an answer that is no stream, up to a half more; twice as long after each further one. */
const firstPauseMs = 3_000
const longestPauseMs = 30_000

type Listener = {
  hear: (data: unknown) => void
  /** Called when something may have been missed: the page then asks the server. */
  lookAgain: () => void
}

/** Listens to `event` of the stream at `path`. Returns what ends it. */
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
