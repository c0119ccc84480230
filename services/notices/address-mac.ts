// Addresses are compared by keyed hashes, so that no table names them.

import { createHmac } from 'node:crypto'

/** Letter case makes no difference. */
export const addressMac = (secret: string, address: string): Buffer =>
  createHmac('sha256', secret).update(`address ${address.toLowerCase()}`).digest()
