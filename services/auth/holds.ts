// What auth holds about a person.

import type { Held } from '@aisle/kit/boot/held'

export const holds: readonly Held[] = [
  {
    part: 'account',
    key: 'id',
    tables: ['users'],
    select: (sql, userId) => sql`
      select id as key, id, email, name, phone, role, language, email_confirmed_at, banned_at, ban_reason,
        created_at, updated_at
      from users where id = ${userId}`,
  },
  {
    part: 'sessions',
    key: 'id',
    tables: ['sessions', 'ended_sessions', 'session_revocations'],
    select: (sql, userId) => sql`
      select id as key, device, address, created_at, authenticated_at, seen_at, expires_at, ended_at, end_reason
      from sessions where user_id = ${userId}`,
  },
  {
    part: 'authenticator',
    key: 'id',
    tables: ['authenticators'],
    select: (sql, userId) => sql`
      select user_id as key, confirmed_at, offered_at from authenticators where user_id = ${userId}`,
  },
  {
    part: 'recovery-codes',
    key: 'text',
    tables: ['recovery_codes'],
    select: (sql, userId) => sql`
      select encode(sha256(code_hash), 'hex') as key, made_at, used_at from recovery_codes
      where user_id = ${userId}`,
  },
  {
    part: 'passkeys',
    key: 'id',
    tables: ['passkeys', 'passkey_challenges'],
    select: (sql, userId) => sql`
      select id as key, name, backed_up, made_at, used_at from passkeys where user_id = ${userId}`,
  },
  {
    part: 'links',
    key: 'id',
    tables: ['links'],
    // Whether another account has the address is told to nobody. A link that its owner got instead counts as used as
    // soon as it was sent, and which account gets a link to set a password depends on who has confirmed the address.
    select: (sql, userId) => sql`
      select l.id as key, l.purpose, l.address, l.made_at, l.expires_at
      from links l join users u on u.id = l.user_id
      where l.user_id = ${userId}
        and (l.purpose not in ('reset-password', 'known-address') or l.made_at >= u.email_confirmed_at)`,
  },
]
