// What an operator does to an account, beside the running service.

import { inDatabase } from '@aisle/kit/db/in-database'
import { expect, it } from 'vitest'
import { Device, databases, mailboxOf, member, saidAbout, sql, useAuth } from './auth-testing.ts'
import { secured } from './factors-testing.ts'
import { add } from './passkey-testing.ts'
import { tasks } from './tasks.ts'

useAuth()

const operate = (task: keyof typeof tasks, ...args: string[]) =>
  inDatabase(databases.url('auth'), 'test', (db) => tasks[task](db, args))

it('an address is confirmed without a link, once, and everyone is told', async () => {
  const { id, email, device } = await member()
  const mailbox = await mailboxOf(id)
  expect(await operate('confirm', email.toUpperCase())).toBe(`The address of account ${id} is confirmed.`)
  expect(await operate('confirm', email)).toContain('is confirmed already')
  expect(await device.currentUser()).toMatchObject({ confirmed: true })
  expect((await saidAbout(id)).filter(({ type }) => type === 'user:updated')).toHaveLength(1)
  expect((await mailbox.contacts()).at(-1)).toMatchObject({ confirmed: true })
})

it('a user who was confirmed before their mail was sent gets none', async () => {
  const { id, email } = await member()
  await operate('confirm', email)
  const mailbox = await mailboxOf(id)
  expect(await mailbox.contacts()).toMatchObject([{ address: email, confirmed: true }])
  expect(await mailbox.links()).toEqual([])
})

it('an account becomes an admin if its address is confirmed, and it is in the audit log', async () => {
  const { id, email } = await member()
  await expect(operate('make-admin', email)).rejects.toThrow('is not confirmed')
  await operate('confirm', email)
  expect(await operate('make-admin', email)).toContain('is an admin from its next sign-in on')
  expect(await operate('make-admin', email)).toContain('is an admin already')
  expect((await new Device().signIn(email)).body).toMatchObject({ role: 'admin' })
  expect(await sql`select subject, detail from audit where action = 'admin-made'`).toEqual([
    { subject: id, detail: 'by an operator' },
  ])
})

it('second factors that are lost are removed: the password alone signs in, and the owner is told', async () => {
  const { id, email, device: theirs } = await secured()
  expect((await add(theirs)).reply.status).toBe(201)
  expect(await operate('remove-factors', email)).toBe(`The password of account ${id} alone signs in again.`)
  const device = new Device()
  expect((await device.signIn(email)).status).toBe(200)
  expect((await device.send('GET', 'me/factors')).body).toMatchObject({
    authenticator: null,
    passkeys: [],
    recoveryCodesLeft: 0,
  })
  expect((await saidAbout(id)).map(({ data }) => data.what)).toEqual(
    expect.arrayContaining(['authenticator-removed', 'passkey-removed']),
  )
  expect(await operate('remove-factors', email)).toBe(`Account ${id} has no second factor.`)
  expect(await sql`select subject, detail from audit where action = 'factors-removed'`).toEqual([
    { subject: id, detail: 'by an operator' },
  ])
})

it('an address that has no account is refused', async () => {
  for (const task of ['confirm', 'make-admin', 'remove-factors'] as const)
    for (const args of [['nobody@aisle.test'], []]) await expect(operate(task, ...args)).rejects.toThrow()
})
