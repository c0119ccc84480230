import { describe, expect, it } from 'vitest'
import { createAlarm, longestSleepMs } from './alarm.ts'

const start = new Date('2026-05-01T12:00:00.000Z')
const after = (ms: number) => new Date(start.getTime() + ms)

function alarmWithBell() {
  const alarm = createAlarm()
  let woken = 0
  alarm.wakes(() => woken++)
  return { alarm, woken: () => woken }
}

describe('while the bell sleeps', () => {
  it('a timer due before the next look wakes it', () => {
    const { alarm, woken } = alarmWithBell()
    alarm.sleeping(start, 800)
    alarm.set(after(799))
    expect(woken()).toBe(1)
  })

  it('a timer due later does not', () => {
    const { alarm, woken } = alarmWithBell()
    alarm.sleeping(start, 800)
    alarm.set(after(900_000))
    expect(woken()).toBe(0)
  })
})

describe('while the bell looks', () => {
  it('a timer that this look may have missed and the next one could be late for makes it look again', () => {
    const { alarm, woken } = alarmWithBell()
    alarm.looking(start)
    alarm.set(after(longestSleepMs + 10))
    expect(woken()).toBe(1)
  })

  it('a timer of the usual window does not', () => {
    const { alarm, woken } = alarmWithBell()
    alarm.looking(start)
    alarm.set(after(900_000))
    expect(woken()).toBe(0)
  })
})
