import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Sql } from '../db/database.ts'
import { createSessions, sessionAudience, sessionCookie, sessionIssuer, sessionType } from './session.ts'

const start = new Date('2026-05-01T12:00:00Z')
const seconds = (date: Date) => date.getTime() / 1000
let now = start
let own: Awaited<ReturnType<typeof generateKeyPair>>
let foreign: typeof own
let publicKeys: string
beforeAll(async () => {
  own = await generateKeyPair('EdDSA', { extractable: true })
  foreign = await generateKeyPair('EdDSA', { extractable: true })
  publicKeys = JSON.stringify({ keys: [{ ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'EdDSA' }] })
})

const noSql = (() => Promise.resolve([])) as unknown as Sql
const sessions = () => createSessions({ publicKeys, sql: noSql, now: () => now })
const token = (
  claims: Record<string, unknown> = {},
  key = own.privateKey,
  issuer = sessionIssuer,
  typ: string | undefined = sessionType,
) =>
  new SignJWT({
    sid: 'session-1',
    aud: sessionAudience,
    role: 'user',
    name: 'Sue',
    auth_time: seconds(start),
    ...claims,
  })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'own', ...(typ ? { typ } : {}) })
    .setSubject('user-1')
    .setIssuer(issuer)
    .setIssuedAt(seconds(start))
    .setExpirationTime(seconds(start) + 3600)
    .sign(key)

describe('a session', () => {
  it('belongs to the user it was signed for until it expires, even when verified before [S1]', async () => {
    now = start
    const one = sessions()
    const good = await token()
    expect(await one.verify(good)).toMatchObject({
      id: 'session-1',
      userId: 'user-1',
      role: 'user',
      authenticatedAt: start,
    })
    now = new Date(start.getTime() + 3_599_000)
    expect(await one.verify(good)).not.toBeNull()
    now = new Date(start.getTime() + 3_600_000)
    expect(await one.verify(good)).toBeNull()
    expect(await sessions().verify(good)).toBeNull()
  })

  it('that is forged, foreign, of another issuer or of no known role is invalid [S1]', async () => {
    now = start
    const good = await token()
    const [header, payload, signature] = good.split('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const bad = [
      ...[
        undefined,
        '',
        'nonsense',
        'a.b.c',
        `${none}.${payload}.`,
        `${header}.${payload}.${signature?.toUpperCase()}`,
      ],
      ...[
        await token({}, foreign.privateKey),
        await token({}, own.privateKey, 'another'),
        await token({ role: 'root' }),
        await token({ aud: 'elsewhere' }),
        await token({ aud: undefined }),
        await token({}, own.privateKey, sessionIssuer, 'JWT'),
      ],
    ]
    for (const one of bad) expect([one, await sessions().verify(one)]).toEqual([one, null])
  })

  it('ends when it is revoked; a later one goes on; an older revocation restores nothing [S1]', async () => {
    now = start
    const one = sessions()
    const [before, after] = [await token(), await token({ auth_time: seconds(start) + 1 })]
    expect(await one.verify(before)).not.toBeNull()
    one.revoke('user-1', start)
    one.revoke('user-1', new Date(0))
    expect(await one.verify(before)).toBeNull()
    expect(await one.verify(after)).not.toBeNull()
    one.revoke('user-2', new Date('2099-01-01'))
    expect(await one.verify(after)).not.toBeNull()
  })

  it('that has ended is refused with all of its tokens, and no other session of its user is', async () => {
    now = start
    const one = sessions()
    const [first, renewed, other] = [await token(), await token({ name: 'Suzy' }), await token({ sid: 'session-2' })]
    let times = 0
    one.onRevoked(() => times++)
    one.end('session-1', new Date(start.getTime() + 1_000))
    one.end('session-1', new Date(start.getTime() + 1_000))
    expect([await one.verify(first), await one.verify(renewed)]).toEqual([null, null])
    expect(await one.verify(other)).not.toBeNull()
    expect(await one.find([first, other])).toMatchObject({ session: { id: 'session-2' }, token: other })
    expect(await one.find([first, ''])).toBeNull()
    expect(times).toBe(1)
  })

  it('without an id gets one that its tokens share', async () => {
    now = start
    const old = { sid: undefined, aud: undefined }
    const ids = await Promise.all(
      [old, { ...old, name: 'Suzy' }, { ...old, auth_time: seconds(start) + 1 }].map(
        async (claims) => (await sessions().verify(await token(claims, own.privateKey, sessionIssuer, '')))?.id,
      ),
    )
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/)
    expect([ids[0] === ids[1], ids[0] === ids[2]]).toEqual([true, false])
  })
})

it('makes the cookie Secure and bound to its host on an https site, and never readable by scripts [S2]', () => {
  const always = { path: '/', httpOnly: true, sameSite: 'lax', maxAge: 43_200 }
  expect(sessionCookie('https://aisle.test')).toEqual({ name: '__Host-session', options: { ...always, secure: true } })
  expect(sessionCookie('http://localhost:3000')).toEqual({ name: 'session', options: { ...always, secure: false } })
})
