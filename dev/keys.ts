// The secrets that a laptop needs: created once, kept with the data and readable by their owner only.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type Keys = {
  /** JSON Web Key, Ed25519, private. */
  sessionPrivateKey: string
  /** JSON Web Key Set with its public half. */
  sessionPublicKeys: string
  fingerprintSecret: string
  /** Encrypts the secrets of authenticator apps. */
  factorSecrets: string
  /** Signs what mails carry. */
  mailSecret: string
}

/** Generates new keys. */
export function makeKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const names = { kid: randomBytes(8).toString('hex'), alg: 'EdDSA', use: 'sig' }
  return {
    sessionPrivateKey: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...names }),
    sessionPublicKeys: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), ...names }] }),
    fingerprintSecret: randomBytes(32).toString('base64url'),
    factorSecrets: randomBytes(32).toString('base64url'),
    mailSecret: randomBytes(32).toString('base64url'),
  }
}

/** Reads `keys.json` in `dataDir`, creating it if it does not exist, and adding keys that it does not have yet. */
export async function openKeys(dataDir: string): Promise<Keys> {
  const file = join(dataDir, 'keys.json')
  const known = await readKeys(file)
  const keys = { ...makeKeys(), ...known }
  if (Object.keys(keys).some((name) => !Object.hasOwn(known, name)))
    await writeFile(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 })
  return keys
}

async function readKeys(file: string): Promise<Partial<Keys>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Partial<Keys>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Error(`The keys in ${file} cannot be read; mend or remove the file (people must then sign in again).`, {
      cause: error,
    })
  }
}
