// The time left to pay. The server sends the seconds left; from then on only elapsed time is measured here, so
// a browser whose clock is wrong, or is changed meanwhile, shows the same.

import { useEffect, useState } from 'react'
import { useRevalidator } from 'react-router'
import { clockText, isUrgent, passedMark, spokenTime, warningSeconds } from '../format/countdown.ts'
import { useTexts } from '../texts/use-texts.tsx'
import { useOwnTime } from './own-time.tsx'

type CountdownProps = {
  secondsLeft: number
  expiresAt: string
  /** From the reservation to its end. */
  windowSeconds: number
}

export function Countdown({ secondsLeft, expiresAt, windowSeconds }: CountdownProps) {
  const texts = useTexts()
  const until = useOwnTime(expiresAt)
  const [left, announced] = useSecondsLeft(secondsLeft)
  const spoken = spokenTime(left, texts.order)
  return (
    <section className={isUrgent(left) ? 'time-urgent' : ''} aria-label={texts.order.timeLeft}>
      <div className="flex items-baseline justify-between gap-4">
        <p className="font-semibold">
          {left === 0 ? texts.order.timeUp : until ? texts.order.until(until) : texts.order.yours(spoken)}
        </p>
        <p className="clock numbers font-display font-semibold text-title" aria-hidden="true">
          {clockText(left)}
        </p>
      </div>
      <progress className="time-line mt-2" value={left} max={windowSeconds} aria-hidden="true" />
      <p className="sr-only" role="status">
        {announced === null ? '' : announcement(announced)}
      </p>
    </section>
  )

  function announcement(mark: number): string {
    if (mark === warningSeconds) return texts.order.warning
    return mark === 60 ? texts.order.lastMinute : texts.order.announce(spokenTime(mark, texts.order))
  }
}

/**
 * Counts down. Asks the server at the end, and whenever the page returns from the background, where its timers
 * may have slept.
 */
function useSecondsLeft(sent: number): [left: number, announced: number | null] {
  const { revalidate } = useRevalidator()
  const [left, setLeft] = useState(sent)
  const [announced, setAnnounced] = useState<number | null>(null)
  useEffect(() => {
    const receivedAt = performance.now()
    let shown = sent
    const tick = () => {
      const now = Math.max(0, sent - (performance.now() - receivedAt) / 1000)
      const mark = passedMark(shown, now)
      if (mark !== null) setAnnounced(mark)
      if (now === 0 && shown > 0) setTimeout(revalidate, 1000)
      shown = now
      setLeft(now)
    }
    tick()
    const timer = setInterval(tick, 1000)
    const onReturn = () => {
      if (document.visibilityState === 'visible') revalidate()
    }
    document.addEventListener('visibilitychange', onReturn)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', onReturn)
    }
  }, [sent, revalidate])
  return [left, announced]
}
