// An authenticator in software, with P-256 keys and real signatures, and the browser around it.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { CreationOptions, NewPasskey, RequestOptions, SignedByPasskey } from '@aisle/contracts/passkeys'
import { isoCBOR } from '@simplewebauthn/server/helpers'
import { expect } from 'vitest'
import { Device, member } from './auth-testing.ts'

export const site = { origin: 'http://localhost:3000', rpId: 'localhost' }

/** What an authenticator or a browser does otherwise than it should. */
export type Oddities = {
  origin?: string
  rpId?: string
  type?: string
  crossOrigin?: boolean
  isUserVerified?: boolean
  isUserPresent?: boolean
  counter?: number
  userHandle?: string
  challenge?: string
  format?: string
  statement?: Map<string, unknown>
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()
const flags = { userPresent: 1, userVerified: 4, attestedData: 64 }

export class SoftPasskey {
  readonly credentialId = randomBytes(20)
  readonly id = this.credentialId.toString('base64url')
  userHandle = ''
  counter = 0
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  /** Makes the passkey, as `navigator.credentials.create` does. */
  make(options: { challenge: string; user: { id: string } }, oddities: Oddities = {}): NewPasskey {
    this.userHandle = options.user.id
    const length = Buffer.alloc(2)
    length.writeUInt16BE(this.credentialId.length)
    const attested = Buffer.concat([Buffer.alloc(16), length, this.credentialId, coseOf(this.keys.publicKey)])
    const authData = Buffer.concat([this.authenticatorData({ ...oddities, flags: flags.attestedData }), attested])
    const object = new Map<string, unknown>([
      ['fmt', oddities.format ?? 'none'],
      ['attStmt', oddities.statement ?? new Map()],
      ['authData', new Uint8Array(authData)],
    ])
    return {
      id: this.id,
      clientDataJSON: clientData('webauthn.create', options.challenge, oddities),
      attestationObject: Buffer.from(isoCBOR.encode(object as never)).toString('base64url'),
      transports: ['internal'],
    }
  }

  /** Signs a challenge, as `navigator.credentials.get` does. */
  sign(options: { challenge: string }, oddities: Oddities = {}): SignedByPasskey {
    const clientDataJSON = clientData('webauthn.get', options.challenge, oddities)
    const authenticatorData = this.authenticatorData(oddities)
    const signed = Buffer.concat([authenticatorData, sha256(Buffer.from(clientDataJSON, 'base64url'))])
    return {
      id: this.id,
      clientDataJSON,
      authenticatorData: authenticatorData.toString('base64url'),
      signature: sign('sha256', signed, this.keys.privateKey).toString('base64url'),
      userHandle: oddities.userHandle ?? this.userHandle,
    }
  }

  private authenticatorData(odd: Oddities & { flags?: number }): Buffer {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(odd.counter ?? this.counter)
    const present = odd.isUserPresent === false ? 0 : flags.userPresent
    const verified = odd.isUserVerified === false ? 0 : flags.userVerified
    return Buffer.concat([sha256(odd.rpId ?? site.rpId), Buffer.from([present | verified | (odd.flags ?? 0)]), counter])
  }
}

const clientData = (type: string, challenge: string, odd: Oddities): string =>
  Buffer.from(
    JSON.stringify({
      type: odd.type ?? type,
      challenge: odd.challenge ?? challenge,
      origin: odd.origin ?? site.origin,
      crossOrigin: odd.crossOrigin ?? false,
    }),
  ).toString('base64url')

/** The COSE key (RFC 9052) of a P-256 key. */
function coseOf(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))
  const [kty, alg, crv] = [1, 3, -1]
  const fields = new Map<number, number | Uint8Array>([
    [kty, 2],
    [alg, -7],
    [crv, 1],
    [-2, bytes(x)],
    [-3, bytes(y)],
  ])
  return Buffer.from(isoCBOR.encode(fields as never))
}

const firefox = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0' }

/** The options to make a passkey. */
export const beginAdding = async (device: Device) =>
  (await device.send('POST', 'me/passkeys/options')).body as unknown as CreationOptions
/** Adds a passkey to the account of the device. */
export const add = async (device: Device, oddities: Oddities = {}, passkey = new SoftPasskey()) => {
  const made = passkey.make(await beginAdding(device), oddities)
  return { passkey, reply: await device.send('POST', 'me/passkeys', { passkey: made }, firefox) }
}
/** The options to sign in. */
export const begin = async (device = new Device(), at = 0) =>
  (await device.send('POST', 'passkeys/options', undefined, {}, at)).body as unknown as RequestOptions
export const use = (device: Device, passkey: unknown, at = 0) =>
  device.send('POST', 'signin/passkey', { passkey }, {}, at)
export const signIn = async (device: Device, passkey: SoftPasskey, oddities: Oddities = {}) =>
  use(device, passkey.sign(await begin(device), oddities))

/** A user with a passkey, and so with a second factor. */
export async function memberWithPasskey() {
  const known = await member()
  const { passkey, reply } = await add(known.device)
  expect(reply.status).toBe(201)
  return { ...known, passkey, passkeyId: String(reply.body.id) }
}
