// What others see of a user: the shapes that leave the service, and when two emails are the same account.

import { normalizeAddress, tidyEmail } from '@aisle/contracts/email'
import type { Account, User } from '@aisle/contracts/entities'
import type { Data } from '@aisle/contracts/message'
import type { Language, UserContact, UserSecured, UserUpdated } from '@aisle/contracts/messages/auth'
import type { SignIn } from '@aisle/kit/http/route'
import type { Session } from '@aisle/kit/http/session'

export type UserRow = {
  readonly id: string
  readonly version: number
  readonly email: string
  /** The address in the form of all its spellings, if this account owns it. */
  readonly emailNormalized: string | null
  /** The same, if it belongs to another account. */
  readonly emailClaimed: string | null
  readonly name: string | null
  readonly phone: string | null
  readonly role: 'user' | 'admin'
  readonly passwordHash: string
  readonly bannedAt: Date | null
  readonly banReason: string | null
  readonly createdAt: Date
  readonly sessionsRevokedBefore: Date | null
  /** Of the mails to the user. */
  readonly language: Language
  /** When the user proved that the address is theirs. */
  readonly emailConfirmedAt: Date | null
  /** When the account was erased; then nothing else is left of it. */
  readonly erasedAt: Date | null
}

/** The name others see of a user who gave none. Never a part of the email. */
const namelessName = 'Aisle member'

/**
 * Two emails with the same result are one account: surrounding blanks, letter case, Unicode composition and the
 * spelling of the domain make no difference. An address that today's rules would refuse at sign-up is only
 * tidied.
 */
export const normalizeEmail = (email: string): string => normalizeAddress(email) ?? tidyEmail(email)

export const tidyName = (name: string): string => name.trim().normalize('NFC')

/** What users see of themselves. */
export const toUser = ({ id, email, name, phone, role, language, emailConfirmedAt }: UserRow): User => ({
  id,
  email,
  role,
  language,
  confirmed: emailConfirmedAt !== null,
  ...(name === null ? {} : { name }),
  ...(phone === null ? {} : { phone }),
})

/** What an admin sees of a user. */
export const toAccount = (row: UserRow): Account => ({
  ...toUser(row),
  createdAt: row.createdAt.toISOString(),
  ...(row.bannedAt === null ? {} : { bannedAt: row.bannedAt.toISOString() }),
  ...(row.banReason === null ? {} : { banReason: row.banReason }),
  ...(row.erasedAt === null ? {} : { erasedAt: row.erasedAt.toISOString() }),
})

/** What other services know of the user. */
export const toState = ({ id, version, name, bannedAt, emailConfirmedAt }: UserRow): Data<typeof UserUpdated> => ({
  id,
  version,
  name: name ?? namelessName,
  banned: bannedAt !== null,
  confirmed: emailConfirmedAt !== null,
})

/** What notices knows of the user without a seal. */
export const toContact = ({
  id,
  version,
  language,
  emailConfirmedAt,
}: UserRow): Omit<Data<typeof UserContact>, 'sealed'> => ({
  id,
  version,
  language,
  confirmed: emailConfirmedAt !== null,
})

/** What the user should know about the security of the account. */
export const toSecured = (
  { id, version }: UserRow,
  what: Data<typeof UserSecured>['what'],
  at: Date,
  device: string | null = null,
): Data<typeof UserSecured> => ({
  userId: id,
  version,
  what,
  ...(device === null ? {} : { device }),
  at: at.toISOString(),
})

type Proved = Pick<Session, 'id' | 'authenticatedAt' | 'provedAt' | 'hasSecondFactor'>

export const toSignIn = (
  { id, role, name }: UserRow,
  { id: sessionId, authenticatedAt, provedAt, hasSecondFactor }: Proved,
): SignIn => ({
  sessionId,
  userId: id,
  role,
  name: name ?? namelessName,
  authenticatedAt: authenticatedAt.toISOString(),
  provedAt: provedAt.toISOString(),
  hasSecondFactor,
})
