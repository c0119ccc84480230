// Reports as real servers write them, by hand after their forms.

import { describe, expect, it } from 'vitest'
import { readReport, readStatus, withoutAddresses } from './report.ts'
import { reportOf, samples } from './report-testing.ts'

const read = (raw: string) => readReport(Buffer.from(raw.replaceAll(/\r?\n/g, '\r\n')))
const status = (...recipients: string[]) => readStatus(['Reporting-MTA: dns; mx', ...recipients].join('\n\n'))

describe('a report of', () => {
  it.each([
    [
      'Postfix, of an unknown user',
      samples.postfix,
      'hard',
      true,
      '5.1.1 smtp; 550 5.1.1 <…>: Recipient address rejected: User unknown',
    ],
    [
      'Postfix, of a server that does not answer',
      samples.postfixDelayed,
      'soft',
      false,
      '4.4.1 X-Postfix; connect to mx.example.org[192.0.2.1]:25: Connection timed out',
    ],
    ['Exim, of an unknown user', samples.exim, 'hard', true, '5.0.0 smtp; 550 5.1.1 <…>: user unknown'],
    [
      'Gmail, of an unknown user',
      samples.gmail,
      'hard',
      true,
      '5.1.1 smtp; 550-5.1.1 The email account that you tried to reach does not exist.',
    ],
    [
      'Gmail, of a full mailbox',
      samples.gmailFull,
      'soft',
      false,
      "4.2.2 smtp; 452-4.2.2 The recipient's inbox is out of storage space.",
    ],
    [
      'Microsoft, of an unknown user',
      samples.microsoft,
      'hard',
      true,
      '5.1.10 smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient … not found by SMTP address lookup',
    ],
    [
      'Microsoft, that blocks the sender',
      samples.microsoftBlocked,
      'hard',
      false,
      '5.7.606 smtp;550 5.7.606 Access denied, banned sending IP [192.0.2.7]',
    ],
    ['a server that writes UTF-8 (RFC 6533)', samples.global, 'hard', true, '5.1.1 smtp; 550 5.1.1 no such user'],
  ])('%s', async (_, raw, outcome, isDead, why) => {
    const report = await read(raw)
    expect(report).toMatchObject({ outcome, isDead })
    expect(report?.why).toContain(why)
    expect(report?.why).not.toContain('jonas@')
  })
})

describe('no report is', () => {
  it.each([
    ['a vacation message', samples.vacation],
    ['a vacation message that quotes a report', samples.vacationQuoting],
    ['a reply of a person', samples.reply],
    ['a receipt that the mail was read', samples.receipt],
    ['a report that the mail was delivered', samples.delivered],
    ['a report without a status', reportOf('Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; jonas@example.org')],
    ['a report with a status that is none', reportOf('Reporting-MTA: dns; mx\n\nStatus: 550 no')],
    ['a report that was cut off', samples.postfix.slice(0, samples.postfix.indexOf('Final-Recipient'))],
    ['a report in the form of old servers, in words', samples.inWords],
    ['nothing', ''],
    ['headers without an end', `Subject: ${'x'.repeat(100_000)}`],
    [
      'parts within parts',
      Array.from({ length: 300 }, (_, i) => `Content-Type: multipart/report; boundary=b${i}\n\n--b${i}`).join('\n'),
    ],
  ])('%s', async (_, raw) => {
    expect(await read(raw)).toBeNull()
  })
})

describe('with several recipients', () => {
  it('the mildest counts: the address reaches somebody', () => {
    expect(status('Status: 5.1.1', 'Status: 2.0.0')).toBeNull()
    expect(status('Status: 5.1.1', 'Status: 4.2.2')).toMatchObject({ outcome: 'soft' })
    expect(status('Status: 5.7.1', 'Status: 5.1.1')).toMatchObject({ outcome: 'hard', isDead: false })
  })

  it('a status that is none spoils the report', () => {
    expect(status('Status: 5.1.1', 'Final-Recipient: rfc822; b@example.org')).toBeNull()
  })
})

it.each(['5.1.1', '5.1.1 (bad destination mailbox address)', '5.1.1\n (folded)'])('a status may be %j', (code) => {
  expect(status(`Status: ${code}`)).toMatchObject({ outcome: 'hard', isDead: true })
})

it.each(['5', '5.1', '5.1.1.1', '55.1.1', '3.1.1', 'failed', ''])('a status is not %j', (code) => {
  expect(status(`Status: ${code}`)).toBeNull()
})

it('what a server says keeps no address', () => {
  expect(withoutAddresses('550 <jonas@example.org>: no; ask "a b"@example.org, x+y@[192.0.2.1]')).not.toContain('@')
})
