// auth: owns users; decides who a user is and which sessions have ended.

import { defineService } from '@aisle/kit/boot/service'
import { config, type Parts } from './context.ts'
import { forgetCounts } from './counts.ts'
import { ensureAdmin } from './ensure-admin.ts'
import { askAgain } from './erasures.ts'
import { createFactorSecrets } from './factor-secrets.ts'
import { addPasskey, newPasskeyOptions } from './features/add-passkey.ts'
import { passkeyOptions, proofOptions, secondStepOptions } from './features/ask-for-passkey.ts'
import { confirmAuthenticator, offerAuthenticator, removeAuthenticator } from './features/authenticator.ts'
import { banUser } from './features/ban-user.ts'
import { browseAccounts } from './features/browse-accounts.ts'
import { askAddress, undoAddress } from './features/change-address.ts'
import { askConfirmation, confirmAddress } from './features/confirm-address.ts'
import { currentUser } from './features/current-user.ts'
import { editMe } from './features/edit-me.ts'
import { removePasskey, renamePasskey } from './features/edit-passkey.ts'
import { endSession } from './features/end-session.ts'
import { askErasure, hearAnswers, myErasure } from './features/erase-me.ts'
import { keepContactKey } from './features/keep-contact-key.ts'
import { makeRecoveryCodes } from './features/make-recovery-codes.ts'
import { prove } from './features/prove.ts'
import { askReset, resetPassword } from './features/reset-password.ts'
import { myFactors } from './features/show-factors.ts'
import { mySessions } from './features/show-sessions.ts'
import { signIn } from './features/sign-in.ts'
import { signInByPasskey } from './features/sign-in-by-passkey.ts'
import { signInSecond } from './features/sign-in-second.ts'
import { signOut } from './features/sign-out.ts'
import { signOutEverywhere } from './features/sign-out-everywhere.ts'
import { signUp } from './features/sign-up.ts'
import { unbanUser } from './features/unban-user.ts'
import { holds } from './holds.ts'
import { issueSession } from './issue-session.ts'
import { createKnownDevices } from './known-devices.ts'
import { forgetLinks, sendLink } from './links.ts'
import { normalizeEmails } from './normalize-emails.ts'
import { forgetChallenges } from './passkey-challenges.ts'
import { forgetGuesses } from './password-guesses.ts'
import { createPasswords } from './passwords.ts'
import { resealSecrets } from './reseal-secrets.ts'
import { forgetSteps } from './second-steps.ts'
import { forgetSessions } from './session-rows.ts'
import { readSigningKey } from './signing-key.ts'
import { everyContact, everyEndedSession, everyRevocation, everyUser } from './snapshot.ts'
import { tasks } from './tasks.ts'
import { eraseUnused } from './unused-accounts.ts'
import { readWeakPasswords } from './weak-passwords.ts'

export const auth = defineService<typeof config, Parts>({
  name: 'auth',
  description: 'Who you are, and which sessions have ended.',
  config,
  migrations: new URL('./migrations/', import.meta.url),
  async parts(service) {
    const { SESSION_PRIVATE_KEY, SESSION_PUBLIC_KEYS, FINGERPRINT_SECRET, FACTOR_SECRETS } = service.config
    const signingKey = await readSigningKey(SESSION_PRIVATE_KEY, SESSION_PUBLIC_KEYS)
    const passwords = await createPasswords()
    const isWeak = readWeakPasswords()
    const factorSecrets = createFactorSecrets(FACTOR_SECRETS)
    await normalizeEmails(service)
    await resealSecrets(service, factorSecrets)
    await ensureAdmin(service, passwords, isWeak)
    return { passwords, isWeak, signingKey, factorSecrets, knownDevices: createKnownDevices(FINGERPRINT_SECRET) }
  },
  issue: issueSession,
  routes: [
    signUp,
    signIn,
    signInSecond,
    passkeyOptions,
    secondStepOptions,
    proofOptions,
    signInByPasskey,
    signOut,
    signOutEverywhere,
    currentUser,
    editMe,
    prove,
    myFactors,
    offerAuthenticator,
    confirmAuthenticator,
    removeAuthenticator,
    makeRecoveryCodes,
    newPasskeyOptions,
    addPasskey,
    renamePasskey,
    removePasskey,
    askConfirmation,
    confirmAddress,
    askAddress,
    undoAddress,
    askReset,
    resetPassword,
    mySessions,
    endSession,
    askErasure,
    myErasure,
    banUser,
    unbanUser,
    browseAccounts,
  ],
  snapshot: [everyUser, everyContact, everyRevocation, everyEndedSession],
  holds,
  reactions: [keepContactKey, ...hearAnswers],
  work: [sendLink],
  jobs: [
    { name: 'forget sessions', run: forgetSessions },
    { name: 'forget guesses', run: forgetGuesses },
    { name: 'forget counts', run: forgetCounts },
    { name: 'forget links', run: forgetLinks },
    { name: 'forget second steps', run: forgetSteps },
    { name: 'ask again for erasures', run: askAgain },
    { name: 'erase unused accounts', run: eraseUnused },
    { name: 'forget challenges', run: forgetChallenges },
  ],
  tasks,
})
