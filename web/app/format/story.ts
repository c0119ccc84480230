// An order's story out of its two halves.

import type { Step } from '@aisle/contracts/entities'

export type Moment = {
  key: string
  step: Step
  /** Set where a new day begins. */
  day: string | null
  /** To the millisecond, UTC: two services' clocks are compared here. */
  time: string
}

/** Steps of both sides in the order in which they happened; of two in the same millisecond, the order's own is told first. */
export function tellStory(order: readonly Step[], money: readonly Step[]): Moment[] {
  const steps = [...order, ...money].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
  return steps.map((step, index) => {
    const [day = '', time = ''] = new Date(step.at).toISOString().split('T')
    const before = steps[index - 1]
    return {
      key: `${index} ${step.kind} ${step.what}`,
      step,
      day: before && new Date(before.at).toISOString().startsWith(day) ? null : day,
      time: time.replace('Z', ''),
    }
  })
}
