// A private certificate authority and the certificates it signs, for the connections to PostgreSQL and NATS.
// Created by openssl, which every machine that runs servers has.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** PEM texts. */
export type Certificate = { readonly certificate: string; readonly key: string }

/** Long, because no one renews them daily: docs/runbook.md describes how to renew them. */
const validDays = 3650

/** An authority that signs server certificates, and nothing else. */
export const makeAuthority = (name: string): Certificate =>
  make(name, 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign')

/** A certificate for a server reachable under each of `hosts`; nodes of a cluster present it to each other, too. */
export const makeCertificate = (authority: Certificate, hosts: readonly string[]): Certificate =>
  make(
    hosts[0]!,
    `basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`,
    authority,
  )

function make(name: string, extensions: string, authority?: Certificate): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-certificates-'))
  const file = (of: string) => join(folder, of)
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    const key = authority?.key ?? ''
    writeFileSync(file('extensions'), extensions)
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'own.key')
    openssl('req', '-new', '-key', 'own.key', '-subj', `/CN=${name}`, '-out', 'request')
    writeFileSync(file('signer.key'), key || readFileSync(file('own.key')), { mode: 0o600 })
    if (authority) writeFileSync(file('signer.crt'), authority.certificate)
    const signer = authority ? ['-CA', 'signer.crt', '-CAkey', 'signer.key'] : ['-signkey', 'signer.key']
    const serial = `0x${crypto.randomUUID().replaceAll('-', '').slice(0, 30)}`
    const rest = ['-set_serial', serial, '-days', String(validDays), '-sha256', '-extfile', 'extensions']
    openssl('x509', '-req', '-in', 'request', ...signer, ...rest, '-out', 'own.crt')
    return { certificate: readFileSync(file('own.crt'), 'utf8'), key: readFileSync(file('own.key'), 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
