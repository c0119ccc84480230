import { Form, Link } from 'react-router'
import { offered } from '../texts/languages.ts'
import { useLanguage, useTexts } from '../texts/use-texts.tsx'

export function SiteFooter({ here }: { here: string }) {
  const texts = useTexts()
  const language = useLanguage()
  return (
    <footer className="mt-20 border-line border-t">
      <div className="page flex flex-wrap items-start justify-between gap-x-10 gap-y-6 py-8 text-small text-muted">
        <p className="max-w-md">{texts.site.promise}</p>
        <div>
          <nav aria-label={texts.site.name} className="flex flex-wrap gap-x-6">
            <Link className="flex min-h-8 items-center hover:underline" to="/">
              {texts.site.events}
            </Link>
            <Link className="flex min-h-8 items-center hover:underline" to="/tickets">
              {texts.site.tickets}
            </Link>
          </nav>
          <nav aria-label={texts.site.about} className="flex flex-wrap gap-x-6">
            {(['help', 'contact', 'terms', 'privacy', 'imprint'] as const).map((name) => (
              <Link key={name} className="flex min-h-8 items-center hover:underline" to={`/${name}`}>
                {texts.sitePage[name]}
              </Link>
            ))}
          </nav>
        </div>
        {/* The whole document changes its language, so the browser reloads it. */}
        <Form method="post" action="/language" reloadDocument className="flex gap-4" aria-label={texts.site.language}>
          <input type="hidden" name="to" value={here} />
          {offered.map((one) => (
            <button
              type="submit"
              key={one}
              name="language"
              value={one}
              lang={one}
              aria-pressed={one === language}
              className={`min-h-8 min-w-8 hover:underline ${one === language ? 'font-semibold text-ink' : ''}`}
            >
              {texts.site.languageNames[one]}
            </button>
          ))}
        </Form>
      </div>
    </footer>
  )
}
