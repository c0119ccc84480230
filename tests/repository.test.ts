// What must never be in the repository: secrets, and people's data.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const notOurs = new Set(['node_modules', '.git', '.data'])
/** This file contains the patterns it looks for. */
const self = relative(root, fileURLToPath(import.meta.url))

function* textFiles(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    if (notOurs.has(name)) continue
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* textFiles(path)
    else if (!/\.(png|ico|woff2)$/.test(name)) yield relative(root, path)
  }
}

const forbidden: Record<string, RegExp> = {
  'a live key of the provider': /\b(sk|rk)_live_[A-Za-z0-9]{24,}/,
  'a webhook secret': /\bwhsec_[A-Za-z0-9]{16,}/,
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----|"d"\s*:\s*"[A-Za-z0-9_-]{40,}"/,
  'an access key': /\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b/,
  'the email of a person': /\b[\w.+-]+@(gmail|outlook|hotmail|yahoo|icloud|proton(mail)?)\.\w+\b/i,
  'the path of a home directory': /\/(home|Users)\/[a-z][\w-]+\//,
}

it('the repository holds no secret and no personal data [S8]', () => {
  const found = [...textFiles(root)]
    .filter((file) => file !== self)
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8')
      return Object.entries(forbidden)
        .filter(([, pattern]) => pattern.test(text))
        .map(([what]) => `${file}: ${what}`)
    })
  expect(found).toEqual([])
})

it('would detect each of them', () => {
  const examples = [
    `sk_live_${'a'.repeat(24)}`,
    `whsec_${'a'.repeat(32)}`,
    '-----BEGIN PRIVATE KEY-----',
    `AKIA${'A'.repeat(16)}`,
    'someone@gmail.com',
    '/home/someone/x',
  ]
  for (const [index, pattern] of Object.values(forbidden).entries()) expect(pattern.test(examples[index]!)).toBe(true)
})
