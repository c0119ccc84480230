// Guards of the pages about the site: what an operator writes is shown, and is never run.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

const file = 'web/server/site-pages.ts'

export const pages: Mutation[] = [
  {
    guard: 'HTML in a page about the site is text',
    away: 'it is HTML',
    edits: [{ file, from: 'html: false', to: 'html: true' }],
    seenBy: ['web/server/site-pages'],
  },
  {
    guard: 'a page about the site is UTF-8',
    away: 'other bytes become U+FFFD',
    edits: [{ file, from: '{ fatal: true }', to: '{ fatal: false }' }],
    seenBy: ['web/server/site-pages'],
  },
  {
    guard: 'the operator’s name is text and no Markdown',
    away: 'it is put in as it is',
    edits: [{ file, from: '.replaceAll(meaningful, String.raw`\\$&`)', to: '' }],
    seenBy: ['web/server/site-pages'],
  },
]
