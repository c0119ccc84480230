import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EnvironmentError } from './environment.ts'
import { readSitePages } from './site-pages.ts'
import { sitePageNames } from './visit.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aisle-site-pages-'))
})
afterEach(() => rm(folder, { recursive: true }))

const put = (name: string, text: string | Uint8Array) => writeFile(join(folder, name), text)
const operator = { operator: 'Aisle *Ltd*', address: '1 High Street_\nVienna', email: 'help_me@aisle.test' }
/** The page made from this text. */
async function page(text: string) {
  await put('help.en.md', text)
  return (await readSitePages({ folder, operator }))('help', 'en')
}

it('all pages are there in both languages, with the same parts', async () => {
  const pages = await readSitePages()
  for (const name of sitePageNames) {
    const [en, de] = [pages(name, 'en'), pages(name, 'de')]
    expect([en.language, de.language], name).toEqual(['en', 'de'])
    expect(de.title, name).not.toBe(en.title)
    expect(de.headings, name).toHaveLength(en.headings.length)
    const shape = ({ html }: typeof en) => html.match(/<(h\d|li|strong|code)\b/g)
    expect(shape(de), name).toEqual(shape(en))
    expect(en.html + de.html, name).not.toContain('{')
  }
  expect(pages('help', 'ar-XB')).toBe(pages('help', 'en'))
})

it('links within the pages lead somewhere', async () => {
  const pages = await readSitePages()
  for (const name of sitePageNames)
    for (const language of ['en', 'de']) {
      const { html } = pages(name, language)
      const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
      for (const [, id] of html.matchAll(/href="#([^"]+)"/g)) expect(ids, `${name} ${language} #${id}`).toContain(id)
    }
})

it('a file of the operator replaces ours, and the others stay', async () => {
  await put('terms.en.md', '# Our rules\n\nBe kind.')
  await put('readme.txt', 'kept by the operator')
  const [mine, ours] = [await readSitePages({ folder }), await readSitePages()]
  expect(mine('terms', 'en')).toMatchObject({ title: 'Our rules', description: 'Be kind.', html: '<p>Be kind.</p>\n' })
  expect(mine('terms', 'de')).toEqual(ours('terms', 'de'))
  expect(mine('help', 'en')).toEqual(ours('help', 'en'))
})

it('the operator is named in the text and in links, as written and not as Markdown', async () => {
  const { html, description } = await page('# Who\n\n{operator}, [{email}](mailto:{email})\n\n{address}')
  expect(html).toContain('Aisle *Ltd*, <a href="mailto:help_me@aisle.test">help_me@aisle.test</a>')
  expect(html).toContain('1 High Street_\nVienna')
  expect(description).toBe('Aisle *Ltd*, help_me@aisle.test')
})

it('HTML in a file is shown as text, and an address that is a script is no link', async () => {
  const text = '# Help & <b>more</b>\n\n<script>alert(1)</script>\n\nA <b>bold</b> [word](javascript:alert(1)).'
  const { title, html } = await page(text)
  expect(title).toBe('Help & <b>more</b>')
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(html).toContain('A &lt;b&gt;bold&lt;/b&gt; [word](javascript:alert(1)).')
  expect(html).not.toMatch(/<script|<b>|href/)
})

it('each heading has an id of its own, made from its words', async () => {
  const { html, headings } = await page('# Help\n\n## Main\n\n## Wie läuft *das*?\n\n### Fees\n\n## Fees\n\n## ?')
  expect(headings.map(({ id }) => id)).toEqual(['main-2', 'wie-läuft-das', 'fees-2', 'part'])
  expect(html).toContain('<h2 id="wie-läuft-das">Wie läuft <em>das</em>?</h2>')
  expect(html).toContain('<h3 id="fees">Fees</h3>')
})

it('a wide table can be scrolled from the keyboard', async () => {
  expect((await page('# Help\n\n| a | b |\n|---|---|\n| 1 | 2 |')).html).toContain('tabindex="0"><table>')
})

describe('a file that cannot be shown ends the start with one sentence:', () => {
  const refused = async (file: string, sentence: string) => {
    const error = await readSitePages({ folder, operator }).catch((thrown: Error) => thrown)
    expect(error).toBeInstanceOf(EnvironmentError)
    const { message } = error as Error
    expect([message.includes(join(folder, file)), message]).toEqual([true, expect.stringContaining(sentence)])
    expect(message.split('\n')).toHaveLength(1)
  }

  it.each([
    ['no title', 'Help\n\nJust text.', 'must begin with its title'],
    ['a smaller title', '## Help\n\nText.', 'must begin with its title'],
    ['two titles', '# Help\n\n# More\n\nText.', 'have no other heading of that kind'],
    ['an empty title', '#\n\nText.', 'must have a title'],
    ['nothing but a title', '# Help\n', 'and a text below it'],
    ['nothing', '', 'must begin with its title'],
    ['an unknown value', '# Help\n\nBy {owner}.', 'names {owner}; there are only {operator}, {address}, {email}'],
    ['too much text', `# Help\n\n${'a'.repeat(256 * 1024)}`, 'is larger than 256 kB'],
  ])('%s', async (_what, text, sentence) => {
    await put('help.en.md', text)
    await refused('help.en.md', sentence)
  })

  it('one that is not UTF-8', async () => {
    await put('help.de.md', Buffer.from('# Hilfe\n\nf\xfcr dich', 'latin1'))
    await refused('help.de.md', 'is not encoded in UTF-8.')
  })

  it('one whose name is no page', async () => {
    await put('faq.en.md', '# Questions\n\nNone.')
    await refused('faq.en.md', 'is not a page of the site. The pages are help.en.md, help.de.md,')
  })

  it('a folder that is none', async () => {
    await put('file', '')
    await expect(readSitePages({ folder: join(folder, 'file') })).rejects.toThrow('SITE_PAGES_DIR cannot be read')
  })
})
