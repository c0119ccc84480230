// Merges the parts of an order's story.

import type { Step } from '@aisle/contracts/entities'

/** A step of the order or its money, a notice, or what became of the mail of a notice. */
export type StoryStep = Omit<Step, 'kind'> & { kind: Step['kind'] | 'notice' | 'mail' }

export type Moment = {
  key: string
  step: StoryStep
  /** Set at the start of a new day. */
  day: string | null
  /** To the millisecond, UTC: the clocks of two services are compared here. */
  time: string
}

/**
 * The steps of all parts in chronological order; within one millisecond an earlier part comes first, and the order's
 * own is the first.
 */
export function tellStory(...parts: readonly (readonly StoryStep[])[]): Moment[] {
  const steps = parts.flat().sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
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
