// Debian's Exim as an ordinary process, with a configuration and a spool of its own: no service of the machine, and
// none of its files. It runs as the user that the package has made, from a copy that is not set-uid.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@aisle/dev/free-port'

import { until } from '@aisle/kit/testing/settled'
import { spawnBound } from '../../dev/processes.mjs'

const binary = '/usr/sbin/exim4'
const user = 'Debian-exim'

export type Exim = Disposable & {
  readonly url: string
  /** The mails in the one mailbox, that of all known users, as they lie there. */
  mails(): Buffer[]
  /** What it did, for the report of a failure. */
  log(): string
}

/**
 * Starts it. It keeps the mails for `known.…@example.org`, knows nobody else there, and hands what is for
 * `returnDomain` to the server on `returnPort`.
 * @throws when Exim is not installed, or this is not root
 */
export async function startExim({ returnDomain, returnPort }: { returnDomain: string; returnPort: number }) {
  if (!existsSync(binary)) throw new Error(`No Exim at ${binary}: install Debian's package exim4-daemon-light.`)
  if (process.getuid?.() !== 0) throw new Error(`Run this as root: Exim must run as the user ${user}.`)
  const idOf = (which: '-u' | '-g') => Number(execFileSync('id', [which, user], { encoding: 'utf8' }))
  const [uid, gid] = [idOf('-u'), idOf('-g')]
  const folder = mkdtempSync(join(tmpdir(), 'aisle-exim-'))
  const inFolder = (name: string) => join(folder, name)
  for (const name of ['', 'spool', 'log', 'mail', 'mail/cur', 'mail/new', 'mail/tmp']) {
    mkdirSync(inFolder(name), { recursive: true })
    chownSync(inFolder(name), uid, gid)
  }
  copyFileSync(binary, inFolder('exim4'))
  chmodSync(inFolder('exim4'), 0o755)
  writeFileSync(inFolder('conf'), configuration({ folder, returnDomain, returnPort }))
  const port = await freePort()
  const running = spawnBound(inFolder('exim4'), ['-bdf', '-C', inFolder('conf'), '-oX', `127.0.0.1:${port}`], {
    deathSignal: 'KILL',
    stdio: ['ignore', 'ignore', 'inherit'],
    user: { uid, gid },
  })
  await until(
    () => answers(port),
    (isThere) => isThere || running.exitCode !== null,
    'Exim to listen',
  )
  const read = (name: string) => readFileSync(inFolder(name))
  const exim: Exim = {
    url: `smtp://127.0.0.1:${port}`,
    mails: () => readdirSync(inFolder('mail/new')).map((name) => read(join('mail/new', name))),
    log: () =>
      readdirSync(inFolder('log'))
        .map((name) => read(join('log', name)))
        .join('\n'),
    [Symbol.dispose]() {
      running.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return exim
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

type Places = { folder: string; returnDomain: string; returnPort: number }

/** It asks no name server, and nothing leaves the machine. */
const configuration = ({ folder, returnDomain, returnPort }: Places) => `
exim_path = ${folder}/exim4
primary_hostname = mx.example.org
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
pid_file_path = ${folder}/spool/pid
disable_ipv6 = true
keep_environment =
deliver_drop_privilege = true
host_lookup =
rfc1413_hosts =
tls_advertise_hosts =
acl_smtp_rcpt = take
acl_smtp_data = take

begin acl
take:
  accept

begin routers
back:
  driver = manualroute
  domains = ${returnDomain}
  local_parts = \\N^bounces\\+\\N
  transport = back
  route_list = * 127.0.0.1 byname
  self = send
known:
  driver = accept
  domains = example.org
  condition = \${if match{$local_part}{\\N^known\\.\\N}}
  transport = mailbox

begin transports
back:
  driver = smtp
  port = ${returnPort}
  hosts_avoid_tls = *
  allow_localhost
mailbox:
  driver = appendfile
  directory = ${folder}/mail
  maildir_format
  return_path_add

begin retry
* * F,1h,1m
`
