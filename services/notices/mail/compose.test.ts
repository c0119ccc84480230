// The mails of every kind in both languages, as golden files: a change of a text shows as a change of its file.

import { readdirSync } from 'node:fs'
import { languages } from '@aisle/contracts/messages/auth'
import { describe, expect, it } from 'vitest'
import { type Kind, kinds, rulesOf } from '../kinds.ts'
import type { Params, SoldTicket } from '../rules.ts'
import { compose, readUnsubscribeToken, unsubscribeToken } from './compose.ts'

const secret = 'a secret of at least 32 characters'
const site = { publicUrl: 'https://aisle.test', from: 'Aisle <hello@mail.aisle.test>', secret, returnTo: null }
const noticeId = '01910000-0000-7000-8000-000000000901'
const userId = '01910000-0000-7000-8000-000000000001'
const orderId = '01910000-0000-7000-8000-000000000301'

const ticket = {
  id: '01910000-0000-7000-8000-000000000201',
  title: 'Two seats in the stalls',
  price: 4500,
  currency: 'eur' as const,
  event: {
    id: '01910000-0000-7000-8000-000000000101',
    name: 'The Winter Concert',
    venue: 'Great Hall',
    city: 'Vienna',
    startsAt: '2026-12-01T19:00:00.000Z',
    timeZone: 'Europe/Vienna',
  },
  seat: { section: 'Stalls', row: '7', number: '12' },
}

/** What each kind says something about. */
const paramsOf = (kind: Kind): Params => {
  if (!rulesOf(kind).isShown) return { expiresAt: '2026-11-28T10:00:00.000Z' }
  if (kind === 'secured') return { what: 'new-device', device: 'Firefox, Linux', at: '2026-11-27T10:00:00.000Z' }
  if (kind === 'taken-down') return { ticketId: ticket.id, title: ticket.title }
  if (kind === 'reserved') return { expiresAt: '2026-11-27T10:15:00.000Z' }
  if (kind === 'order-ended') return { reason: 'payment-failed' }
  if (kind === 'money-back' || kind === 'sale-refunded') return { amount: 1500, currency: 'eur' }
  return {}
}
const isAboutOrder = (kind: Kind) => rulesOf(kind).isShown && kind !== 'secured' && kind !== 'taken-down'

type Change = Partial<{ name: string | null; ticket: SoldTicket }>
const mailOf = (kind: Kind, language: 'en' | 'de' = 'en', change: Change = {}) =>
  compose(
    {
      id: noticeId,
      userId,
      kind,
      orderId: isAboutOrder(kind) ? orderId : null,
      orderNumber: isAboutOrder(kind) ? 'K7MP-42XW' : null,
      ticket: isAboutOrder(kind) ? (change.ticket ?? ticket) : null,
      params: paramsOf(kind),
      madeAt: new Date('2026-11-27T10:00:00.000Z'),
    },
    {
      address: 'jonas@example.org',
      name: change.name === undefined ? 'Jonas' : change.name,
      language,
      token: kind === 'known-address' ? null : 'T0ken_of_43_characters-000000000000000000000',
    },
    site,
  )

const every = Object.keys(kinds) as Kind[]

describe.each(languages)('every mail in %s', (language) => {
  it.each(every)('%s reads as before', async (kind) => {
    const { subject, html, text } = mailOf(kind, language)
    await expect(html).toMatchFileSnapshot(`./golden/${kind}.${language}.html`)
    await expect(`Subject: ${subject}\n\n${text}`).toMatchFileSnapshot(`./golden/${kind}.${language}.txt`)
  })

  it.each(every)('%s says the same in HTML and in text', (kind) => {
    const { html, text } = mailOf(kind, language)
    const words = html
      .replace(/<style>[\s\S]*<\/style>|<title>.*<\/title>/g, '')
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&')
      .replaceAll('&quot;', '"')
    for (const line of text.split('\n').filter((one) => one !== '' && one !== '--')) {
      const [, label = line, value = ''] = /^([^:]+): (.*)$/.exec(line) ?? []
      expect(words.replaceAll(/\s+/g, ' ')).toContain(label.replaceAll(/:$|\s+$/g, '').replaceAll(/\s+/g, ' '))
      if (!value.startsWith('http')) expect(words).toContain(value)
    }
  })
})

it('there is no golden file of a kind that is gone', () => {
  const files = readdirSync(new URL('./golden/', import.meta.url))
  expect(files).toHaveLength(every.length * languages.length * 2)
})

it('every mail is far below the size at which mail programs cut it off, with the longest texts', () => {
  const long = 'W'.repeat(500)
  const event = { ...ticket.event, name: long, venue: long, city: long }
  for (const kind of every) {
    const longest = { ...ticket, title: long, event, seat: { section: long } }
    expect(Buffer.byteLength(mailOf(kind, 'de', { ticket: longest }).html), kind).toBeLessThan(20_000)
  }
})

describe('text of people', () => {
  const nasty = '<script>alert(1)</script>"\'&'
  it('is text in the HTML, whatever it contains', () => {
    const event = { ...ticket.event, name: nasty }
    const { html, text } = mailOf('bought', 'en', { ticket: { ...ticket, title: nasty, event }, name: nasty })
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
    expect(text).toContain(nasty)
  })

  it.each(['\r\nBcc: all@example.org', '\nSubject: x', '\u2028x', '\0'])('never begins another header: %j', (end) => {
    const event = { ...ticket.event, name: `Concert${end}` }
    const { subject, text } = mailOf('sold', 'en', { ticket: { ...ticket, event }, name: `Jonas${end}` })
    expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
    expect(subject).toContain('Sold: Concert')
    expect(text).toContain('\nHello,\n')
  })

  it('is cut in a subject, and a name that is no name is left out of the greeting', () => {
    const event = { ...ticket.event, name: 'N'.repeat(10_000) }
    const { subject, text } = mailOf('sold', 'en', { ticket: { ...ticket, event }, name: 'J'.repeat(10_000) })
    expect(subject.length).toBeLessThanOrEqual(200)
    expect(text).toContain('\nHello,\n')
  })
})

describe('headers', () => {
  it('name the notice, so that a repeated mail is recognised', () => {
    const { messageId, headers } = mailOf('bought')
    expect(messageId).toBe(`<${noticeId}@mail.aisle.test>`)
    expect(headers).toMatchObject({ 'Auto-Submitted': 'auto-generated', 'Resend-Idempotency-Key': noticeId })
  })

  it('offer one-click unsubscription where a mail may be switched off, and nowhere else', () => {
    for (const kind of every) {
      const { headers, text } = mailOf(kind)
      const offers = rulesOf(kind).mail !== 'always'
      expect('List-Unsubscribe' in headers, kind).toBe(offers)
      expect(text.includes('/unsubscribe/'), kind).toBe(offers)
      if (offers) expect(headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click')
    }
  })

  it('carry a token that ends one kind for one person, and nothing else', () => {
    const token = unsubscribeToken(secret, { userId, kind: 'expired' })
    expect(readUnsubscribeToken(secret, token)).toEqual({ userId, kind: 'expired' })
    const [, , mac] = token.split('.')
    for (const wrong of [
      '',
      token.slice(0, -1),
      `${userId}.reserved.${mac}`,
      `${orderId}.expired.${mac}`,
      `${token}.x`,
    ])
      expect(readUnsubscribeToken(secret, wrong), wrong).toBeNull()
    expect(readUnsubscribeToken('another secret of 32 characters!', token)).toBeNull()
  })
})

it('a ticket has a calendar file with its event, for whoever imports it', () => {
  const [file] = mailOf('bought').attachments
  expect(file).toMatchObject({ filename: 'ticket.ics' })
  const lines = (file?.content ?? '').split('\r\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'BEGIN:VEVENT',
      `UID:${orderId}@mail.aisle.test`,
      'DTSTART:20261201T190000Z',
      'SUMMARY:The Winter Concert',
      'LOCATION:Great Hall\\, Vienna',
    ]),
  )
  const noEvent = { id: ticket.id, title: 'A seat', price: 1000, currency: 'eur' as const }
  expect(mailOf('bought', 'en', { ticket: noEvent }).attachments).toEqual([])
})
