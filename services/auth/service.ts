// auth: owns users; decides who you are, and which sessions have ended.

import { defineService } from '@aisle/kit/service'
import { config, type Parts } from './context.ts'
import { ensureAdmin } from './ensure-admin.ts'
import { banUser } from './features/ban-user.ts'
import { browseAccounts } from './features/browse-accounts.ts'
import { currentUser } from './features/current-user.ts'
import { editMe } from './features/edit-me.ts'
import { signIn } from './features/sign-in.ts'
import { signOut } from './features/sign-out.ts'
import { signOutEverywhere } from './features/sign-out-everywhere.ts'
import { signUp } from './features/sign-up.ts'
import { unbanUser } from './features/unban-user.ts'
import { issueSession } from './issue-session.ts'
import { createPasswords } from './passwords.ts'
import { readSigningKey } from './signing-key.ts'
import { everyRevocation, everyUser } from './snapshot.ts'

export const auth = defineService<typeof config, Parts>({
  name: 'auth',
  description: 'Who you are, and which sessions have ended.',
  config,
  migrations: new URL('./migrations/', import.meta.url),
  async parts(service) {
    const { SESSION_PRIVATE_KEY, SESSION_PUBLIC_KEYS } = service.config
    const signingKey = await readSigningKey(SESSION_PRIVATE_KEY, SESSION_PUBLIC_KEYS)
    const passwords = await createPasswords()
    await ensureAdmin(service, passwords)
    return { passwords, signingKey }
  },
  issue: issueSession,
  routes: [signUp, signIn, signOut, signOutEverywhere, currentUser, editMe, banUser, unbanUser, browseAccounts],
  snapshot: [everyUser, everyRevocation],
  reactions: [],
})
