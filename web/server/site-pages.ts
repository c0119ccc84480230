// The pages about the site itself: help, terms and the like. They are Markdown files, so that an operator can replace
// them without a build. All are read and rendered once, before anything listens: a file that cannot be shown ends the
// start. HTML in a file is shown as text, and the renderer refuses addresses that are scripts.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import MarkdownIt from 'markdown-it'
import { EnvironmentError } from './environment.ts'
import { type SitePage, type SitePageName, sitePageNames } from './visit.ts'

/** Ours, by the names of their files: `help.en.md`. */
const ours = fileURLToPath(new URL('../site-pages', import.meta.url))
const languages = ['en', 'de'] as const
type Language = (typeof languages)[number]
const largestBytes = 256 * 1024

/** Who runs the site. The texts of the pages name each as `{operator}`, `{address}` and `{email}`. */
export type Operator = Readonly<Record<'operator' | 'address' | 'email', string>>

/** What is true of a marketplace that someone runs to look at it. */
const demo: Readonly<Record<Language, Operator>> = {
  en: {
    operator: 'Aisle demo, run on this machine',
    address: 'This is a demonstration and no business, so it has no address.',
    email: 'nobody@localhost',
  },
  de: {
    operator: 'Aisle-Demo auf diesem Rechner',
    address: 'Das ist eine Vorführung und kein Unternehmen, also gibt es keine Anschrift.',
    email: 'nobody@localhost',
  },
}

/** The page called `name`, in a language of the app; one without texts of its own gets the English ones. */
export type SitePages = (name: SitePageName, language: string) => SitePage

type SitePagesOptions = {
  /** A folder whose files replace ours, one by one. */
  folder?: string | undefined
  operator?: Partial<Operator> | undefined
}

/** @throws {EnvironmentError} in one sentence that names the file */
export async function readSitePages({ folder, operator = {} }: SitePagesOptions = {}): Promise<SitePages> {
  const replaced = folder === undefined ? new Set<string>() : await filesIn(folder)
  const pages = new Map<string, SitePage>()
  for (const name of sitePageNames)
    for (const language of languages) {
      const file = `${name}.${language}.md`
      const path = join(folder !== undefined && replaced.has(file) ? folder : ours, file)
      pages.set(
        file,
        renderSitePage(await readText(path), { path, language, values: { ...demo[language], ...operator } }),
      )
    }
  return (name, language) => pages.get(`${name}.${language}.md`) ?? pages.get(`${name}.en.md`)!
}

/** The names of the Markdown files there. One that is no page would never be shown, so it is refused. */
async function filesIn(folder: string): Promise<ReadonlySet<string>> {
  const files = await readdir(folder).catch((error: Error) => {
    throw new EnvironmentError(`SITE_PAGES_DIR cannot be read: ${error.message}`)
  })
  const pages = files.filter((name) => name.endsWith('.md'))
  const known = sitePageNames.flatMap((name) => languages.map((language) => `${name}.${language}.md`))
  const unknown = pages.find((name) => !known.includes(name))
  if (unknown)
    throw new EnvironmentError(`${join(folder, unknown)} is not a page of the site. The pages are ${known.join(', ')}.`)
  return new Set(pages)
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new EnvironmentError(`A page of the site cannot be read: ${error.message}`)
  })
  if (bytes.length > largestBytes) throw new EnvironmentError(`${path} is larger than ${largestBytes / 1024} kB.`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new EnvironmentError(`${path} is not encoded in UTF-8.`)
  }
}

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false })
// A wide table is scrolled on its own, also from the keyboard, and not with the page.
markdown.renderer.rules.table_open = () => '<div class="site-table" tabindex="0"><table>\n'
markdown.renderer.rules.table_close = () => '</table></div>\n'

type Around = { path: string; language: Language; values: Operator }

/**
 * Renders the text of one page. Its first line is its title: `# Help`. Each further heading gets an id made from its
 * words, for links such as `/help#refunds`.
 * @throws {EnvironmentError} naming `path`, when the text has no title or names a value that there is not
 */
export function renderSitePage(text: string, { path, language, values }: Around): SitePage {
  const tokens = markdown.parse(withValues(text, path, values), {})
  const isTitle = (index: number) => tokens[index]?.type === 'heading_open' && tokens[index].tag === 'h1'
  const titles = tokens.filter((_, index) => isTitle(index))
  if (!isTitle(0) || titles.length > 1)
    throw new EnvironmentError(
      `${path} must begin with its title, as "# Help", and have no other heading of that kind.`,
    )
  const title = plainText(tokens[1]?.children)
  const body = tokens.slice(3)
  if (title === '' || body.length === 0)
    throw new EnvironmentError(`${path} must have a title, as "# Help", and a text below it.`)
  // `main` is the id of the page's own main part.
  const taken = new Set(['main'])
  const headings = body.flatMap((token, index) => {
    if (token.type !== 'heading_open') return []
    const words = plainText(body[index + 1]?.children)
    const id = idOf(words, taken)
    token.attrSet('id', id)
    return token.tag === 'h2' ? [{ id, text: words }] : []
  })
  const first = body.findIndex(({ type }) => type === 'paragraph_open')
  return {
    language,
    title,
    description: plainText(body[first + 1]?.children),
    headings,
    html: markdown.renderer.render(body, markdown.options, {}),
  }
}

const placeholder = /\{([a-z]+)\}/g
/** Every character that can mean something in Markdown may have a backslash before it, which takes the meaning away. */
const meaningful = /[!-/:-@[-`{-~]/g

function withValues(text: string, path: string, values: Operator): string {
  return text.replaceAll(placeholder, (_, name: string) => {
    if (!(name in values))
      throw new EnvironmentError(`${path} names {${name}}; there are only {${Object.keys(values).join('}, {')}}.`)
    return values[name as keyof Operator].replaceAll(meaningful, String.raw`\$&`)
  })
}

type Inline = { type: string; content: string }
const plainText = (tokens: readonly Inline[] | null | undefined) =>
  (tokens ?? []).map(({ type, content }) => (/break$/.test(type) ? ' ' : content)).join('')

function idOf(words: string, taken: Set<string>): string {
  const slug = words
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')
  let id = slug || 'part'
  for (let nth = 2; taken.has(id); nth++) id = `${slug || 'part'}-${nth}`
  taken.add(id)
  return id
}
