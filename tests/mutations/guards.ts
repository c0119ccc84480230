import { accounts } from './accounts.ts'
import { events } from './events.ts'
import { limits } from './limits.ts'
import { messages } from './messages.ts'
import type { Mutation } from './mutation.ts'
import { payments } from './payments.ts'
import { refusals } from './refusals.ts'
import { sales } from './sales.ts'
import { time } from './time.ts'

/** Every guard, in the order of the table in docs/histories.md. */
export const guards: readonly Mutation[] = [
  ...sales,
  ...refusals,
  ...payments,
  ...limits,
  ...time,
  ...messages,
  ...accounts,
  ...events,
]
