// A request as bytes, for what no HTTP client would send.

import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** Sends `lines` to the host and port of `url`; the connection is closed after one response. */
export async function rawRequest(url: string, lines: readonly string[], body = '') {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`)
  const answer = await text(socket)
  const [head = '', ...rest] = answer.split('\r\n\r\n')
  const [first = '', ...headers] = head.split('\r\n')
  return {
    status: Number(first.split(' ')[1]),
    headers: new Headers(headers.map((line) => line.split(/:\s*(.*)/s).slice(0, 2) as [string, string])),
    body: rest.join('\r\n\r\n'),
  }
}

/** Invalid request targets for a server at `host`, with a correct Host header. */
export const wrongTargets = (host: string): [what: string, lines: string[]][] => [
  ['an asterisk', ['GET * HTTP/1.1', `Host: ${host}`]],
  ['an asterisk that asks for methods', ['OPTIONS * HTTP/1.1', `Host: ${host}`]],
  ['an address of FTP', ['GET ftp://x/ HTTP/1.1', `Host: ${host}`]],
  ['the address of another host', ['GET http://elsewhere.test/ HTTP/1.1', `Host: ${host}`]],
  ['an address with a name in it', [`GET http://mallory@${host}/ HTTP/1.1`, `Host: ${host}`]],
  ['two hosts', ['GET / HTTP/1.1', `Host: ${host}`, 'Host: elsewhere.test']],
  ['one host twice', ['GET / HTTP/1.1', `Host: ${host}`, `Host: ${host}`]],
  ['no host', ['GET / HTTP/1.1']],
  ['no HTTP', ['NONSENSE']],
]

/** The headers for browsers in every response. */
export const everywhere: Record<string, RegExp> = {
  'content-security-policy': /^default-src 'none'; .*frame-ancestors 'none'/,
  'x-content-type-options': /^nosniff$/,
  'referrer-policy': /^strict-origin-when-cross-origin$/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'x-frame-options': /^DENY$/,
  'permissions-policy': /camera=\(\)/,
}

/** The names of the headers that a response lacks. */
export const missingHeaders = (headers: Headers): string[] =>
  Object.entries(everywhere)
    .filter(([name, right]) => !right.test(headers.get(name) ?? ''))
    .map(([name]) => name)
