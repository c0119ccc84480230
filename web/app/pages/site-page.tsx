// A page about the site itself. Its text is the operator's, and the server has rendered it.

import { sitePageNames } from '../../server/visit.ts'
import { visitOf } from '../api/visit.server.ts'
import { Head } from '../parts/head.tsx'
import { directionOf } from '../texts/languages.ts'
import { useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/site-page.ts'

/** With fewer parts a page needs no table of contents. */
const worthContents = 5

export function loader({ context }: Route.LoaderArgs) {
  const visit = visitOf(context)
  const name = sitePageNames.find((one) => visit.path.split('?', 1)[0] === `/${one}`)
  if (!name) throw new Error(`${visit.path} is not a page about the site.`)
  return { name, page: visit.sitePage(name) }
}

export default function SitePage({ loaderData: { name, page } }: Route.ComponentProps) {
  const texts = useTexts()
  const { language, title, description, headings, html } = page
  return (
    <div className="page py-8 sm:py-12">
      <Head title={title} description={description} canonical={`/${name}`} />
      <article className="site-page" lang={language} dir={directionOf[language]}>
        <h1 className="text-title">{title}</h1>
        {headings.length >= worthContents && (
          <nav aria-label={texts.sitePage.contents} className="site-contents text-small">
            <ul>
              {headings.map(({ id, text }) => (
                <li key={id}>
                  <a href={`#${id}`}>{text}</a>
                </li>
              ))}
            </ul>
          </nav>
        )}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: rendered by our server from a file of the operator, without the HTML in it */}
        <div className="site-text" dangerouslySetInnerHTML={{ __html: html }} />
      </article>
    </div>
  )
}
