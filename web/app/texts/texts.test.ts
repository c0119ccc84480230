import { EventKind } from '@aisle/contracts/entities'
import { refusals } from '@aisle/contracts/refusals'
import { expect, it } from 'vitest'
import { de as deSite } from './de.ts'
import { account as deAccount } from './de-account.ts'
import { admin as deAdmin } from './de-admin.ts'
import { data as deData } from './de-data.ts'
import { links as deLinks } from './de-links.ts'
import { mailbox as deMailbox } from './de-mailbox.ts'
import { notices as deNotices } from './de-notices.ts'
import { passkeys as dePasskeys } from './de-passkeys.ts'
import { refund as deRefund } from './de-refund.ts'
import { security as deSecurity } from './de-security.ts'
import { sell as deSell } from './de-sell.ts'
import { ticket as deTicket } from './de-ticket.ts'
import { en as enSite } from './en.ts'
import { account as enAccount } from './en-account.ts'
import { admin as enAdmin } from './en-admin.ts'
import { data as enData } from './en-data.ts'
import { links as enLinks } from './en-links.ts'
import { mailbox as enMailbox } from './en-mailbox.ts'
import { notices as enNotices } from './en-notices.ts'
import { passkeys as enPasskeys } from './en-passkeys.ts'
import { refund as enRefund } from './en-refund.ts'
import { security as enSecurity } from './en-security.ts'
import { sell as enSell } from './en-sell.ts'
import { ticket as enTicket } from './en-ticket.ts'
import { languages, negotiateLanguage } from './languages.ts'
import { loadTexts } from './load-texts.ts'
import { pseudo } from './pseudo.ts'

/** The texts of all pages, and of those that have their own. */
const en = {
  ...enSite,
  account: enAccount,
  admin: enAdmin,
  notices: enNotices,
  passkeys: enPasskeys,
  mailbox: enMailbox,
  sell: enSell,
  refund: enRefund,
  security: enSecurity,
  ticket: enTicket,
  links: enLinks,
  data: enData,
}
const de = {
  ...deSite,
  account: deAccount,
  admin: deAdmin,
  notices: deNotices,
  passkeys: dePasskeys,
  mailbox: deMailbox,
  sell: deSell,
  refund: deRefund,
  security: deSecurity,
  ticket: deTicket,
  links: deLinks,
  data: deData,
}

/** Every sentence by its path; a function is called with sample arguments. */
function sentences(texts: object, at = ''): [path: string, sentence: string][] {
  return Object.entries(texts).flatMap(([key, value]): [string, string][] => {
    const path = at ? `${at}.${key}` : key
    if (typeof value === 'string') return [[path, value]]
    if (typeof value === 'function') return [[path, value(2, 2, 2)]]
    return sentences(value, path)
  })
}

const keys = (texts: object) => sentences(texts).map(([path]) => path)

it('every sentence is there in every language', () => {
  expect(keys(de)).toEqual(keys(en))
  for (const texts of [en, de]) expect(sentences(texts).filter(([, sentence]) => sentence.trim() === '')).toEqual([])
})

it('German is not English that was forgotten', () => {
  const german = new Map(sentences(de))
  const same = sentences(en).filter(([path, sentence]) => sentence.length > 12 && german.get(path) === sentence)
  expect(same).toEqual([])
})

it('no sentence shouts', () => {
  for (const texts of [en, de]) expect(sentences(texts).filter(([, sentence]) => sentence.includes('!'))).toEqual([])
})

it('every refusal and every kind of event of the API has its words', () => {
  expect(Object.keys(en.refusal).sort()).toEqual(Object.keys(refusals).sort())
  expect(Object.keys(en.kind)).toEqual([...EventKind.enum])
})

it('numbers have the form that the language wants', () => {
  expect([0, 1, 2, 1204].map(en.home.tickets)).toEqual(['0 tickets', '1 ticket', '2 tickets', '1,204 tickets'])
  expect([1, 1204].map(de.order.minutes)).toEqual(['1 Minute', '1.204 Minuten'])
})

it('the pseudo-language disguises every sentence', () => {
  const plain = new Map(sentences(en))
  const kept = sentences(pseudo(en)).filter(
    ([path, sentence]) =>
      /[aeiou]/.test(sentence) || (/[aeiou]/.test(plain.get(path)!) && plain.get(path) === sentence),
  )
  expect(kept).toEqual([])
})

it('each language can be loaded', async () => {
  for (const language of languages) expect(keys(await loadTexts(language))).toEqual(keys(enSite))
})

it('a visitor reads the language they chose, else the one their browser asks for', () => {
  expect(negotiateLanguage('', 'de-AT,de;q=0.9,en;q=0.8')).toBe('de')
  expect(negotiateLanguage('', 'fr,en;q=0.5,de;q=0.7')).toBe('de')
  expect(negotiateLanguage('session=x; lang=en', 'de')).toBe('en')
  expect(negotiateLanguage('lang=xx', 'de')).toBe('de')
  expect(negotiateLanguage('lang=en; __Host-lang=de', 'en')).toBe('de')
  expect(negotiateLanguage('', 'fr, *')).toBe('en')
  expect(negotiateLanguage('', '')).toBe('en')
})
