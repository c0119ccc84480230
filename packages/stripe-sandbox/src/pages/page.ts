// The frame of every sandbox page: the banner, the style, and headers that allow it only to submit its own
// form.

import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { Html, html } from './html.ts'
import { stylesheet } from './page-style.ts'

/** A page. */
export interface Page {
  title: string
  main: Html
  /** Where the response to its form may redirect the browser, apart from the sandbox itself. */
  leadsTo?: (string | null)[]
}

const styleHash = createHash('sha256').update(stylesheet).digest('base64')

/** Answers with a page. */
export function sendPage(reply: FastifyReply, status: number, page: Page): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy(page.leadsTo ?? []),
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    .send(render(page))
}

/** A page with a heading, a sentence and optionally a link onwards. */
export function messagePage(title: string, text: string, way: { to: string; label: string } | null = null): Page {
  return {
    title,
    main: html`<main class="narrow">
<h1>${title}</h1>
<p>${text}</p>
${way && html`<p><a class="button" href="${way.to}">${way.label}</a></p>`}
</main>`,
  }
}

// Chromium also applies form-action to redirects that follow a form submission, so the shop's origin must be in
// it.
function contentSecurityPolicy(leadsTo: (string | null)[]): string {
  const origins = new Set(leadsTo.flatMap((address) => (address === null ? [] : [new URL(address).origin])))
  return [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    'img-src data:',
    ['form-action', "'self'", ...origins].join(' '),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
}

function render({ title, main }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${title} - payment sandbox</title>
<style>${new Html(stylesheet)}</style>
</head>
<body>
<header class="sandbox">
<p><strong>Sandbox</strong> This stands in for Stripe. No money moves here, so never type a real card.</p>
</header>
${main}
</body>
</html>
`.text
}
