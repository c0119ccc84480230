// Mails that come back, in the forms of several servers, for tests. The names and addresses are examples.

/** A report (RFC 3464) with this part for machines, as Postfix frames it. */
export const reportOf = (
  machine: string,
  { to = 'bounces@aisle.test', type = 'message/delivery-status' } = {},
): string =>
  `Return-Path: <>
Received: by mx.example.org (Postfix)
\tid 4ABCDEF; Fri, 27 Nov 2026 10:00:00 +0000 (UTC)
Date: Fri, 27 Nov 2026 10:00:00 +0000 (UTC)
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: ${to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4ABCDEF.1795773600/mx.example.org"
Message-Id: <20261127100000.4ABCDEF@mx.example.org>

This is a MIME-encapsulated message.

--4ABCDEF.1795773600/mx.example.org
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.org.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

--4ABCDEF.1795773600/mx.example.org
Content-Description: Delivery report
Content-Type: ${type}

${machine}

--4ABCDEF.1795773600/mx.example.org
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: Aisle <aisle@aisle.test>
To: jonas@example.org
Subject: Your ticket: One seat

--4ABCDEF.1795773600/mx.example.org--
`

const postfix = reportOf(`Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: 4ABCDEF
X-Postfix-Sender: rfc822; bounces@aisle.test
Arrival-Date: Fri, 27 Nov 2026 09:59:58 +0000 (UTC)

Final-Recipient: rfc822; jonas@example.org
Original-Recipient: rfc822;jonas@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <jonas@example.org>: Recipient address
    rejected: User unknown in virtual mailbox table`)

const postfixDelayed = reportOf(`Reporting-MTA: dns; mx.example.org
Arrival-Date: Fri, 27 Nov 2026 05:59:58 +0000 (UTC)

Final-Recipient: rfc822; jonas@example.org
Action: delayed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.example.org[192.0.2.1]:25: Connection
    timed out
Will-Retry-Until: Wed, 2 Dec 2026 05:59:58 +0000 (UTC)`)

const global = reportOf(
  `Reporting-MTA: dns; mx.example.org

Final-Recipient: utf-8; jonas@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user`,
  { type: 'message/global-delivery-status' },
)

const delivered = reportOf(`Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; jonas@example.org
Action: delivered
Status: 2.0.0
Diagnostic-Code: smtp; 250 2.0.0 Ok`)

const exim = `Return-path: <>
Received: from Debian-exim by mx.example.org with local (Exim 4.96)
\tid 1r7abc-0001-2X for bounces@aisle.test; Fri, 27 Nov 2026 10:00:00 +0000
X-Failed-Recipients: jonas@example.org
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.org>
To: bounces@aisle.test
References: <01910000-0000-7000-8000-000000000901@aisle.test>
Content-Type: multipart/report; report-type=delivery-status; boundary=1795773600-eximdsn-1804289383
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1r7abc-0001-2X@mx.example.org>
Date: Fri, 27 Nov 2026 10:00:00 +0000

--1795773600-eximdsn-1804289383
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

  jonas@example.org
    host mail.example.org [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<jonas@example.org>:
    550 5.1.1 <jonas@example.org>: user unknown

--1795773600-eximdsn-1804289383
Content-type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Action: failed
Final-Recipient: rfc822;jonas@example.org
Status: 5.0.0
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <jonas@example.org>: user unknown

--1795773600-eximdsn-1804289383
Content-type: message/rfc822

Return-path: <bounces@aisle.test>
From: Aisle <aisle@aisle.test>
To: jonas@example.org
Subject: Your ticket: One seat
Content-Type: multipart/report; report-type=delivery-status; boundary=inner

--inner
Content-Type: message/delivery-status

Reporting-MTA: dns; nobody

Final-Recipient: rfc822; jonas@example.org
Status: 2.0.0

--inner--

--1795773600-eximdsn-1804289383--
`

const gmailOf = (code: string, diagnostic: string, action: string) => `Return-Path: <>
Received: by 2002:a05:6102:aaaa with SMTP id x1; Fri, 27 Nov 2026 02:00:00 -0800 (PST)
Content-Type: multipart/report; boundary="00000000000012345678"; report-type=delivery-status
To: bounces@aisle.test
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (${action})
X-Failed-Recipients: jonas@example.org
From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
Date: Fri, 27 Nov 2026 02:00:00 -0800 (PST)

--00000000000012345678
Content-Type: multipart/related; boundary="00000000000012345679"

--00000000000012345679
Content-Type: multipart/alternative; boundary="00000000000012345680"

--00000000000012345680
Content-Type: text/plain; charset="UTF-8"

** Address not found **

Your message wasn't delivered to jonas@example.org.

--00000000000012345680
Content-Type: text/html; charset="UTF-8"

<html><body><h2>Address not found</h2></body></html>

--00000000000012345680--
--00000000000012345679
Content-Type: image/png; name="icon.png"
Content-Disposition: attachment; filename="icon.png"
Content-Transfer-Encoding: base64
Content-ID: <icon.png>

iVBORw0KGgo=
--00000000000012345679--
--00000000000012345678
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.example
Received-From-MTA: dns; bounces@aisle.test
Arrival-Date: Fri, 27 Nov 2026 01:59:59 -0800 (PST)
X-Original-Message-ID: <01910000-0000-7000-8000-000000000901@aisle.test>

Final-Recipient: rfc822; jonas@example.org
Action: ${action}
Status: ${code}
Remote-MTA: dns; gmail-smtp-in.l.google.example. (192.0.2.1, the server for
 the domain example.org.)
Diagnostic-Code: smtp; ${diagnostic}
Last-Attempt-Date: Fri, 27 Nov 2026 02:00:00 -0800 (PST)


--00000000000012345678
Content-Type: message/rfc822

From: Aisle <aisle@aisle.test>
To: jonas@example.org
Subject: Your ticket: One seat

Hello
--00000000000012345678--
`

const microsoftOf = (code: string, diagnostic: string) => `From: <postmaster@example.org>
To: <bounces@aisle.test>
Date: Fri, 27 Nov 2026 10:00:00 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="21b2c3d4-0000-4000-8000-000000000001"
Content-Language: en-US
Message-ID: <21b2c3d4-0000-4000-8000-000000000002@AM0PR01MB0001.eurprd01.prod.exchangelabs.example>
In-Reply-To: <01910000-0000-7000-8000-000000000901@aisle.test>
Subject: Undeliverable: Your ticket: One seat
Auto-Submitted: auto-replied
MIME-Version: 1.0

--21b2c3d4-0000-4000-8000-000000000001
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="21b2c3d4-0000-4000-8000-000000000003"

--21b2c3d4-0000-4000-8000-000000000003
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message to jonas@example.org couldn't be delivered.=

--21b2c3d4-0000-4000-8000-000000000003
Content-Type: text/html; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

<html><body>Your message couldn't be delivered.</body></html>=

--21b2c3d4-0000-4000-8000-000000000003--

--21b2c3d4-0000-4000-8000-000000000001
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR01MB0001.eurprd01.prod.exchangelabs.example
Received-From-MTA: dns;mail.aisle.test
Arrival-Date: Fri, 27 Nov 2026 09:59:58 +0000

Final-Recipient: rfc822;jonas@example.org
Action: failed
Status: ${code}
Diagnostic-Code: smtp;${diagnostic}
X-Display-Name: jonas@example.org


--21b2c3d4-0000-4000-8000-000000000001
Content-Type: message/rfc822

From: Aisle <aisle@aisle.test>
To: jonas@example.org
Subject: Your ticket: One seat

Hello
--21b2c3d4-0000-4000-8000-000000000001--
`

const vacation = `From: Jonas <jonas@example.org>
To: bounces@aisle.test
Subject: Out of office: Your ticket: One seat
Auto-Submitted: auto-replied (vacation)
X-Auto-Response-Suppress: All
Content-Type: text/plain; charset=utf-8

I am away until Monday. Status: 5.1.1
`

const vacationQuoting = `From: Jonas <jonas@example.org>
To: bounces@aisle.test
Subject: Out of office
Auto-Submitted: auto-replied
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: text/plain

I am away until Monday.
--outer
Content-Type: message/rfc822

${postfix}
--outer--
`

const reply = `From: Jonas <jonas@example.org>
To: bounces@aisle.test
Subject: Re: Your ticket: One seat
Content-Type: text/plain

Thank you!

Status: 5.1.1
`

const receipt = `From: Jonas <jonas@example.org>
To: bounces@aisle.test
Subject: Read: Your ticket: One seat
Content-Type: multipart/report; report-type=disposition-notification; boundary=mdn

--mdn
Content-Type: text/plain

Your message was read.
--mdn
Content-Type: message/disposition-notification

Final-Recipient: rfc822;jonas@example.org
Disposition: manual-action/MDN-sent-manually; displayed
--mdn--
`

const inWords = `From: Mail Delivery System <Mailer-Daemon@mx.example.org>
To: bounces@aisle.test
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: jonas@example.org

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  jonas@example.org
    Unrouteable address
`

export const samples = {
  postfix,
  postfixDelayed,
  global,
  delivered,
  exim,
  gmail: gmailOf('5.1.1', '550-5.1.1 The email account that you tried to reach does not exist.', 'failed'),
  gmailFull: gmailOf('4.2.2', "452-4.2.2 The recipient's inbox is out of storage space.", 'delayed'),
  microsoft: microsoftOf(
    '5.1.10',
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient jonas@example.org not found by SMTP address lookup',
  ),
  microsoftBlocked: microsoftOf('5.7.606', '550 5.7.606 Access denied, banned sending IP [192.0.2.7]'),
  vacation,
  vacationQuoting,
  reply,
  receipt,
  inWords,
}
