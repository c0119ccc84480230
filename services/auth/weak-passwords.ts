// Passwords that are guessed first: the 100,000 most common ones, and what is made of the site's words or the person's
// own.
//
// Such a word counts for nothing: what is left without it must have 8 letters or digits, and not be common. So
// "aisle2026" and "mara.lindt" are weak, "mara loves gouda" is not.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/**
 * Those of 8 characters and more in lower case, one a line: docs/decisions/0014-common-passwords.md says where they are
 * from.
 */
const file = new URL('./common-passwords/list.txt.gz', import.meta.url)
const sitesWords = ['aisle', 'tickets', 'ticket', 'marketplace']
const shortestPassword = 8
/** A shorter word is in other words by chance. */
const shortestWord = 3

export type Person = {
  readonly email: string
  readonly name?: string | null | undefined
  readonly phone?: string | null | undefined
}

/** Whether a password is one that is guessed first. */
export type IsWeak = (password: string, person: Person) => boolean

/** Reads the list, a megabyte that stays in memory; a look at it takes less than a millisecond. */
export function readWeakPasswords(): IsWeak {
  const list = `\n${gunzipSync(readFileSync(file)).toString('latin1')}`
  const isCommon = (password: string) => list.includes(`\n${password}\n`)

  return (password, person) => {
    if (isCommon(fold(password))) return true
    const typed = lettersAndDigits(password)
    const words = wordsOf(person)
    // A part of a word, or of a phone number without its country code.
    if (typed !== '' && words.some((word) => word.includes(typed.replace(/^0+/, '')))) return true
    const left = words.reduce((rest, word) => rest.replaceAll(word, ''), typed)
    return left !== typed && (left.length < shortestPassword || isCommon(left))
  }
}

const fold = (text: string) => text.normalize('NFKC').toLowerCase()
const lettersAndDigits = (text: string) => fold(text).replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '')

/** The longest first, so that a word is not broken by one that is part of it. */
function wordsOf({ email, name, phone }: Person): string[] {
  const [local = '', domain = ''] = email.split('@')
  const withoutEnd = domain.replace(/\.[^.]*$/, '')
  const texts = [email, local, withoutEnd, name ?? '', phone ?? '']
  const parts = [local, withoutEnd, name ?? ''].flatMap((text) => fold(text).split(/[^\p{L}\p{M}\p{N}]+/u))
  return [...new Set([...sitesWords, ...[...texts, ...parts].map(lettersAndDigits)])]
    .filter((word) => word.length >= shortestWord)
    .sort((a, b) => b.length - a.length)
}
