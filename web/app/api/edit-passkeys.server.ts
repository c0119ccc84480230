// What the page of a user's passkeys can do with them.

import { addPasskey, removePasskey, renamePasskey } from '@aisle/contracts/api/passkeys'
import type { Problem } from '@aisle/contracts/endpoint'
import type { NewPasskey } from '@aisle/contracts/passkeys'
import { readPasskey } from '../passkeys/read-passkey.ts'
import { callApi } from './call-api.server.ts'
import type { Typed } from './forms.server.ts'
import { sayNext } from './say-next.server.ts'
import type { Context } from './visit.server.ts'

/** The intents of the forms. */
type Intent = 'add-passkey' | 'rename-passkey' | 'remove-passkey'

/** Whether a form is about passkeys. */
export const isAboutPasskeys = (typed: Typed): typed is Typed & { intent: Intent } =>
  typed.intent !== undefined && /^(add|rename|remove)-passkey$/.test(typed.intent)

/** `codes` are the recovery codes that come with the first second factor. */
type Edited = { ok: true; codes: readonly string[] } | { ok: false; status: number; problem: Problem }

/** Does what the form says; says on the next page that it is done. */
export async function editPasskeys(context: Context, typed: Typed & { intent: Intent }): Promise<Edited> {
  const params = { id: typed.id ?? '' }
  if (typed.intent === 'add-passkey') {
    const passkey = readPasskey<NewPasskey>(typed.passkey)
    const added = await callApi(context, addPasskey, { body: { passkey } })
    if (!added.ok) return added
    const codes = added.body.recoveryCodes
    if (codes.length === 0) sayNext(context, 'passkey-added')
    return { ok: true, codes }
  }
  if (typed.intent === 'rename-passkey') {
    const renamed = await callApi(context, renamePasskey, { params, body: { name: typed.name ?? '' } })
    return renamed.ok ? { ok: true, codes: [] } : renamed
  }
  const removed = await callApi(context, removePasskey, { params })
  if (!removed.ok) return removed
  sayNext(context, 'passkey-removed')
  return { ok: true, codes: [] }
}
