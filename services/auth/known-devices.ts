// Devices that have signed in to an account before. A cookie names the device and holds a keyed hash per
// account as proof that it did sign in.

import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'

/** How many accounts a device remembers: the most recent ones. */
const mostAccounts = 5
const proofBytes = 16

export type KnownDevices = {
  /** The device's id if `cookie` proves that it has signed in as `userId`. */
  know(cookie: string | null, userId: string): string | null
  /** The cookie's value after a sign-in as `userId`. */
  remember(cookie: string | null, userId: string): string
}

/** `secret` may be changed at any time; every device is then unknown until its next sign-in. */
export function createKnownDevices(secret: string): KnownDevices {
  const prove = (device: string, userId: string) =>
    createHmac('sha256', secret).update(`known device ${device} ${userId}`).digest().subarray(0, proofBytes)

  return {
    know(cookie, userId) {
      const { device, proofs } = read(cookie) ?? { device: '', proofs: [] }
      const wanted = prove(device, userId)
      return proofs.some((proof) => timingSafeEqual(proof, wanted)) ? device : null
    },
    remember(cookie, userId) {
      const { device, proofs } = read(cookie) ?? { device: randomUUID(), proofs: [] }
      const own = prove(device, userId)
      const kept = [own, ...proofs.filter((proof) => !proof.equals(own))].slice(0, mostAccounts)
      return [device, ...kept.map((proof) => proof.toString('base64url'))].join('.')
    },
  }
}

const form = /^[0-9a-f-]{36}(\.[\w-]{22}){1,5}$/

function read(cookie: string | null): { device: string; proofs: Buffer[] } | null {
  if (cookie === null || !form.test(cookie)) return null
  const [device = '', ...proofs] = cookie.split('.')
  return { device, proofs: proofs.map((proof) => Buffer.from(proof, 'base64url')) }
}
