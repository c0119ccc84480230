// The one form of all mails: heading, paragraphs, a table of facts, one button, small print. HTML and text are made
// from the same value, so neither says more than the other.
//
// The HTML keeps to what every mail program knows: tables for the layout, styles at the elements, no images, nothing
// loaded from outside. A style sheet in the head only adds the dark colours. It stays far below 100 kB, where Gmail
// cuts a mail off.

export type Letter = {
  readonly language: string
  readonly title: string
  readonly greeting: string
  readonly paragraphs: readonly string[]
  readonly facts: readonly (readonly [label: string, value: string])[]
  readonly action: { readonly text: string; readonly url: string } | null
  /** Above the address of the button, for programs that show none. */
  readonly linkBelow: string
  /** Small print: a text, and where it leads if it is a link. */
  readonly small: readonly { readonly text: string; readonly url?: string }[]
}

const special: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => special[character]!)
/** Text of a person may be in any direction: it must not turn the text around it. */
const isolated = (text: string) => `<bdi>${escapeHtml(text)}</bdi>`

const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
const paragraph = (html: string) => `<p class="ink" style="margin:0 0 16px;color:#221c14">${html}</p>`

export function htmlOf({ language, title, greeting, paragraphs, facts, action, linkBelow, small }: Letter): string {
  const rows = facts.map(
    ([label, value]) =>
      `<tr><td class="faint" style="padding:4px 16px 4px 0;color:#665c4e;vertical-align:top">${escapeHtml(label)}</td>` +
      `<td class="ink" style="padding:4px 0;color:#221c14"><strong>${isolated(value)}</strong></td></tr>`,
  )
  const table =
    rows.length === 0
      ? ''
      : `<table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 24px;${font};font-size:16px;line-height:24px">${rows.join('')}</table>`
  const button =
    action === null
      ? ''
      : `<p style="margin:0 0 24px"><a class="button" href="${escapeHtml(action.url)}" style="display:inline-block;padding:14px 22px;border-radius:6px;background:#a3262f;color:#ffffff;text-decoration:none;font-weight:600">${escapeHtml(action.text)}</a></p>` +
        `<p class="faint" style="margin:0 0 24px;color:#665c4e;font-size:14px;line-height:20px">${escapeHtml(linkBelow)}<br><a class="link" href="${escapeHtml(action.url)}" style="color:#8a1f28;word-break:break-all">${escapeHtml(action.url)}</a></p>`
  const print = small.map(({ text, url }) =>
    url === undefined
      ? escapeHtml(text)
      : `<a class="link" href="${escapeHtml(url)}" style="color:#8a1f28">${escapeHtml(text)}</a>`,
  )
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
@media (prefers-color-scheme: dark) {
  .around { background: #14110d !important }
  .card { background: #1f1a14 !important }
  .ink { color: #f3ede2 !important }
  .faint { color: #b9ad9a !important }
  .link { color: #f08b8f !important }
}
</style>
</head>
<body class="around" style="margin:0;background:#f4efe6">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#ffffff;border-radius:8px"><tr><td style="padding:28px 24px;${font};font-size:16px;line-height:24px;text-align:start">
<p class="faint" style="margin:0 0 20px;color:#665c4e;font-weight:700">Aisle</p>
<h1 class="ink" style="margin:0 0 16px;font-size:24px;line-height:30px;color:#221c14">${isolated(title)}</h1>
${paragraph(isolated(greeting))}
${paragraphs.map((text) => paragraph(isolated(text))).join('\n')}
${table}${button}
<p class="faint" style="margin:0;color:#665c4e;font-size:14px;line-height:20px">${print.join('<br>')}</p>
</td></tr></table>
</td></tr></table>
</body>
</html>
`
}

export function textOf({ title, greeting, paragraphs, facts, action, small }: Letter): string {
  const parts = [
    title,
    greeting,
    ...paragraphs,
    facts.map(([label, value]) => `${label}: ${value}`).join('\n'),
    action === null ? '' : `${action.text}:\n${action.url}`,
    ['--', ...small.map(({ text, url }) => (url === undefined ? text : `${text}: ${url}`))].join('\n'),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
