// Merges the two halves of an order's story.

import type { Step } from '@aisle/contracts/entities'

export type Moment = {
  key: string
  step: Step
  /** Set at the start of a new day. */
  day: string | null
  /** To the millisecond, UTC: the clocks of two services are compared here. */
  time: string
}

/** The steps of both sides in chronological order; within one millisecond the order's own step comes first. */
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
