// The kinds of notices: how important each is, and which of them a person may switch off.

/** Mails that are due at once are sent in this order. */
export const importances = ['security', 'money', 'order'] as const
export type Importance = (typeof importances)[number]

type Rules = {
  readonly importance: Importance
  /** Whether it is shown in the product. A mail with a link is a mail alone, and so is the last one to a user. */
  readonly isShown: boolean
  /** Whether it is also a mail: always, or as the person wants, by default on or off. */
  readonly mail: 'always' | 'on' | 'off'
}

const mailAlone: Rules = { importance: 'security', isShown: false, mail: 'always' }
const security: Rules = { importance: 'security', isShown: true, mail: 'always' }
const money: Rules = { importance: 'money', isShown: true, mail: 'always' }
const choice = (mail: 'on' | 'off'): Rules => ({ importance: 'order', isShown: true, mail })

export const kinds = {
  'confirm-address': mailAlone,
  'change-address': mailAlone,
  'undo-address': mailAlone,
  'reset-password': mailAlone,
  'known-address': mailAlone,
  erased: mailAlone,
  secured: security,
  reserved: choice('off'),
  expired: choice('on'),
  'order-ended': money,
  bought: money,
  sold: money,
  'money-back': money,
  'money-back-failed': money,
  'sale-refunded': money,
  'sale-restored': money,
  'taken-down': { importance: 'order', isShown: true, mail: 'always' },
} as const satisfies Record<string, Rules>

export type Kind = keyof typeof kinds
export const rulesOf = (kind: Kind): Rules => kinds[kind]

/** The kinds whose mail can be switched on and off. Those about security and money cannot. */
export const choices = (Object.keys(kinds) as Kind[]).filter((kind) => rulesOf(kind).mail !== 'always')
export const isChoice = (kind: string): kind is Kind => (choices as string[]).includes(kind)
