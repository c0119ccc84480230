// An attacker who guesses passwords, or creates accounts in bulk, against two replicas. The clock stands still
// until a test advances it.

import { start } from '@aisle/kit/boot/start'
import { describe, expect, it } from 'vitest'
import { clock, Device, log, member, password, replicas, sql, useAuth, values } from './auth-testing.ts'
import { auth } from './service.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

useAuth()

/** The status of a guess, and how long the client must wait. */
async function guess(email: string, given = 'not this one', at = 0, device = new Device()) {
  const { status, code, headers, body } = await device.signIn(email, given, {}, at)
  const wait = headers.get('retry-after')
  if (status === 429) expect([code, body.retryAfterSeconds]).toEqual(['too-many-requests', Number(wait)])
  return wait === null ? status : [status, Number(wait)]
}
/** Guesses as fast as the pauses allow. */
async function guessTo(email: string, times: number) {
  for (let tried = 0; tried < times; ) {
    const answer = await guess(email, 'not this one', tried % 2)
    if (Array.isArray(answer)) clock.advance(answer[1]! * second)
    else tried++
  }
}

describe.each([
  ['of an account', async () => (await member()).email],
  ['of nobody', async () => `${crypto.randomUUID()}@aisle.test`],
])('a guess at the password %s', (_, emailOf) => {
  it('may be wrong five times; then each has to wait longer than the one before, up to 15 minutes', async () => {
    const email = await emailOf()
    for (let i = 0; i < 5; i++) expect(await guess(email, 'wrong', i % 2)).toBe(401)
    const pauses: number[] = []
    for (let i = 0; i < 13; i++) {
      const answer = await guess(email, 'wrong', i % 2)
      const pause = (answer as number[])[1]!
      pauses.push(pause)
      clock.advance(pause * second - 1)
      expect(await guess(email)).toEqual([429, 1])
      clock.advance(1)
      expect(await guess(email)).toBe(401)
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
  })

  it('is counted exactly, however many come at once and to whichever replica', async () => {
    const email = await emailOf()
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => guess(email, `guess ${i}`, i % 2)))
    expect(answers.filter((answer) => answer === 401)).toHaveLength(5)
    expect(answers.filter((answer) => answer !== 401)).toEqual(Array(25).fill([429, 1]))
  })

  it('counts in whichever spelling the address is given', async () => {
    const email = await emailOf()
    const spellings = [email, email.toUpperCase(), ` ${email} `, email, email]
    for (const spelling of spellings) expect(await guess(spelling)).toBe(401)
    expect(await guess(email.toUpperCase())).toEqual([429, 1])
  })

  it('is forgotten after a day', async () => {
    const email = await emailOf()
    await guessTo(email, 12)
    clock.advance(25 * hour)
    for (let i = 0; i < 5; i++) expect(await guess(email)).toBe(401)
    expect(await guess(email)).toEqual([429, 1])
  })

  it('does not have to wait longer than the longest pause because a clock was ahead', async () => {
    const email = await emailOf()
    await guessTo(email, 7)
    const ahead = new Date(clock.now().getTime() + 48 * hour)
    await sql`update password_guesses set next_try_at = ${ahead} where next_try_at > ${clock.now()}`
    expect(await guess(email)).toBe(401)
    expect(await guess(email)).toEqual([429, 8])
  })
})

describe('the owner of an account', () => {
  it('is not kept out by a stranger who guesses: a device that has signed in before has a count of its own', async () => {
    const { device, email } = await member()
    await guessTo(email, 10)
    expect(await guess(email, password)).toEqual([429, 32])
    device.cookie = ''
    expect((await device.signIn(email)).status).toBe(200)
    // And the stranger gains nothing from it.
    expect(await guess(email, password)).toEqual([429, 32])
  })

  it('must wait on their own device, too, after five wrong passwords', async () => {
    const { device, email } = await member()
    device.cookie = ''
    for (let i = 0; i < 5; i++) expect(await guess(email, 'a slip', i % 2, device)).toBe(401)
    expect(await guess(email, password, 0, device)).toEqual([429, 1])
    clock.advance(second)
    expect(await guess(email, password, 0, device)).toBe(200)
    expect(await guess(email, 'a slip', 0, device)).toBe(401)
  })

  it('who gives the right password starts again with five tries', async () => {
    const { email } = await member()
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) expect(await guess(email)).toBe(401)
      expect(await guess(email, password)).toBe(200)
    }
  })

  it('has a device that is known for each of its accounts, and for no others', async () => {
    const [one, other, stranger] = [await member(), await member(), await member()]
    const device = one.device
    await device.signIn(other.email)
    device.cookie = ''
    for (const { email } of [one, other, stranger]) await guessTo(email, 8)
    for (const { email } of [one, other]) {
      expect((await device.signIn(email)).status).toBe(200)
      device.cookie = ''
    }
    expect(await guess(stranger.email, password, 0, device)).toEqual([429, 8])
  })

  it.each([
    ['made up', () => 'device=0190aaaa-0000-7000-8000-000000000000.AAAAAAAAAAAAAAAAAAAAAA'],
    ['of another account', async () => (await member()).device.deviceCookie],
    ['nonsense', () => 'device=x'],
  ])('is not pretended by a device cookie that is %s', async (_, cookie) => {
    const { email } = await member()
    await guessTo(email, 8)
    const device = Object.assign(new Device(), { deviceCookie: await cookie() })
    expect(await guess(email, password, 0, device)).toEqual([429, 8])
  })

  it('who is signed in has five tries at the current password, whatever strangers do', async () => {
    const { device, email } = await member()
    await guessTo(email, 8)
    const change = (currentPassword: string) =>
      device.send('PATCH', 'me', { password: 'another password', currentPassword })
    for (let i = 0; i < 5; i++) expect(await change('a guess')).toMatchObject({ status: 403, code: 'wrong-password' })
    const refused = await change(password)
    expect([refused.status, refused.code, refused.headers.get('retry-after')]).toEqual([429, 'too-many-requests', '1'])
    clock.advance(second)
    expect((await change(password)).status).toBe(200)
  })

  it('may repeat a sign-in that had to wait with the same Idempotency-Key', async () => {
    const { email } = await member()
    await guessTo(email, 6)
    const key = { 'idempotency-key': crypto.randomUUID() }
    const device = new Device()
    expect((await device.signIn(email, password, key)).status).toBe(429)
    clock.advance(2 * second)
    expect((await device.signIn(email, password, key)).status).toBe(200)
  })
})

describe('the device cookie', () => {
  it('outlives the session by far, and is no session', async () => {
    const { device, email } = await member()
    const { headers } = await new Device().signIn(email)
    expect(headers.getSetCookie()[1]).toMatch(/^device=[^;]+; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/)
    const known = device.deviceCookie
    await device.send('POST', 'signout')
    expect(device.deviceCookie).toBe(known)
    expect(await device.currentUser()).toBeNull()
  })
})

describe('one address', () => {
  const makeAccounts = async (origins: readonly string[], count: number, from: string) =>
    Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const response = await fetch(`${origins[i % origins.length]}/api/users/signup`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
          body: JSON.stringify({ email: `${crypto.randomUUID()}@aisle.test`, password }),
        })
        return { status: response.status, wait: Number(response.headers.get('retry-after')) }
      }),
    )
  const made = (replies: { status: number }[]) => replies.filter(({ status }) => status === 201).length

  it('makes five accounts an hour, of all replicas together, and learns when it may make another', async () => {
    const limited = { ...values, RATE_LIMIT: '1000' }
    const two = await Promise.all([0, 1].map(() => start(auth, limited, { clock, log })))
    const origins = two.map(({ url }) => url)
    try {
      const replies = await makeAccounts(origins, 12, '203.0.113.7')
      expect(made(replies)).toBe(5)
      for (const { status, wait } of replies.filter(({ status }) => status !== 201))
        expect([status, wait]).toEqual([429, 3600])
      clock.advance(hour - second)
      expect(await makeAccounts(origins, 1, '203.0.113.7')).toEqual([{ status: 429, wait: 1 }])
      expect(made(await makeAccounts(origins, 1, '203.0.113.8'))).toBe(1)
      clock.advance(second)
      expect(made(await makeAccounts(origins, 6, '203.0.113.7'))).toBe(5)
      // An IPv6 network counts as one address.
      const networks = Array.from({ length: 8 }, (_, i) => `2001:db8:1:2::${i + 1}`)
      const tries = await Promise.all(networks.map((address) => makeAccounts(origins, 1, address)))
      expect(made(tries.flat())).toBe(5)
      // A refused sign-up does not count.
      const weak = { email: 'weak@aisle.test', password: 'password1' }
      for (let i = 0; i < 7; i++) {
        const response = await fetch(`${origins[0]}/api/users/signup`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.9' },
          body: JSON.stringify(weak),
        })
        expect(response.status).toBe(422)
      }
      expect(made(await makeAccounts(origins, 1, '203.0.113.9'))).toBe(1)
    } finally {
      for (const replica of two) await replica.stop()
    }
  })

  it('makes as many as the configuration says', async () => {
    const generous = await start(auth, { ...values, RATE_LIMIT: '1000', SIGN_UPS_PER_HOUR: 8 }, { clock, log })
    try {
      expect(made(await makeAccounts([generous.url], 12, '198.51.100.1'))).toBe(8)
    } finally {
      await generous.stop()
    }
  })

  it('makes any number with RATE_LIMIT=off', async () => {
    expect(made(await makeAccounts([replicas[0].url], 8, '198.51.100.2'))).toBe(8)
  })
})
