// Passwords an attacker guesses first: the 100,000 most common ones, and those built from the site's words or
// the person's own.
//
// Such words are removed first. What is left must have 8 letters or digits and must not be a common password.
// So "aisle2026" and "mara.lindt" are weak, "mara loves gouda" is not.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/**
 * Common passwords of 8 characters and more, in lower case, one per line.
 * docs/decisions/0014-common-passwords.md gives their source.
 */
const file = new URL('./common-passwords/list.txt.gz', import.meta.url)
const sitesWords = ['aisle', 'tickets', 'ticket', 'marketplace']
const shortestPassword = 8
/** Shorter words occur inside other words by chance. */
const shortestWord = 3

export type Person = {
  readonly email: string
  readonly name?: string | null | undefined
  readonly phone?: string | null | undefined
}

/** Whether an attacker would guess this password first. */
export type IsWeak = (password: string, person: Person) => boolean

/** Reads the list, a megabyte that stays in memory. A lookup takes less than a millisecond. */
export function readWeakPasswords(): IsWeak {
  const list = `\n${gunzipSync(readFileSync(file)).toString('latin1')}`
  const isCommon = (password: string) => list.includes(`\n${password}\n`)

  return (password, person) => {
    if (isCommon(fold(password))) return true
    const typed = lettersAndDigits(password)
    const words = wordsOf(person)
    // Part of a word, or of a phone number without its country code.
    if (typed !== '' && words.some((word) => word.includes(typed.replace(/^0+/, '')))) return true
    const left = words.reduce((rest, word) => rest.replaceAll(word, ''), typed)
    return left !== typed && (left.length < shortestPassword || isCommon(left))
  }
}

const fold = (text: string) => text.normalize('NFKC').toLowerCase()
const lettersAndDigits = (text: string) => fold(text).replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '')

/** Longest first, so that a word is not broken up by a shorter one inside it. */
function wordsOf({ email, name, phone }: Person): string[] {
  const [local = '', domain = ''] = email.split('@')
  const withoutEnd = domain.replace(/\.[^.]*$/, '')
  const texts = [email, local, withoutEnd, name ?? '', phone ?? '']
  const parts = [local, withoutEnd, name ?? ''].flatMap((text) => fold(text).split(/[^\p{L}\p{M}\p{N}]+/u))
  return [...new Set([...sitesWords, ...[...texts, ...parts].map(lettersAndDigits)])]
    .filter((word) => word.length >= shortestWord)
    .sort((a, b) => b.length - a.length)
}
