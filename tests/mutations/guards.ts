import { accounts } from './accounts.ts'
import { erasures } from './erasures.ts'
import { events } from './events.ts'
import { factors } from './factors.ts'
import { http } from './http.ts'
import { inside } from './inside.ts'
import { limits } from './limits.ts'
import { messages } from './messages.ts'
import { moderation } from './moderation.ts'
import type { Mutation } from './mutation.ts'
import { notices } from './notices.ts'
import { numbers } from './numbers.ts'
import { pages } from './pages.ts'
import { passkeys } from './passkeys.ts'
import { payments } from './payments.ts'
import { prices } from './prices.ts'
import { refusals } from './refusals.ts'
import { sales } from './sales.ts'
import { time } from './time.ts'

/** Every guard, in the order of the table in docs/histories.md. */
export const guards: readonly Mutation[] = [
  ...sales,
  ...inside,
  ...moderation,
  ...refusals,
  ...payments,
  ...limits,
  ...time,
  ...messages,
  ...accounts,
  ...erasures,
  ...factors,
  ...passkeys,
  ...events,
  ...http,
  ...prices,
  ...numbers,
  ...notices,
  ...pages,
]

/** The table of docs/histories.md. */
export const guardTable = (): string =>
  [
    '| guard | taken away | noticed by |',
    '|---|---|---|',
    ...guards.map(({ guard, away, seenBy }) => `| ${guard} | ${away} | ${seersOf(seenBy)} |`),
  ].join('\n')

const seersOf = (seenBy: Mutation['seenBy']): string =>
  Array.isArray(seenBy)
    ? seenBy.map((file) => `\`${file}\``).join(', ')
    : `random histories, ${seenBy.histories.count} from ${seenBy.histories.from}`
