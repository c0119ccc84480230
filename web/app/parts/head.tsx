// A page's metadata for browsers, search engines and shared links. React moves these elements into the
// document's head.

import { createContext, use } from 'react'
import { useRouteLoaderData } from 'react-router'
import type { Audience } from '../../server/visit.ts'
import { useTexts } from '../texts/use-texts.tsx'

/** The data that the root of every page loads. */
export type RootData = { publicUrl: string; audience: Audience }

/** The nonce of the page being rendered; a browser does not let scripts read it again. */
export const Nonce = createContext<string | undefined>(undefined)

type HeadProps = {
  /** People's text in it is isolated (format/isolate.ts). */
  title: string
  description?: string
  /** The one URL of this page, without filters; pages without it are not for search engines. */
  canonical?: string
  /** For people who have the URL, and not for search engines. */
  isUnlisted?: boolean
  /** schema.org */
  linkedData?: object
}

export function Head({ title, description, canonical, isUnlisted = !canonical, linkedData }: HeadProps) {
  const texts = useTexts()
  const nonce = use(Nonce)
  const publicUrl = usePublicUrl()
  const about = description ?? texts.site.description
  const url = canonical && `${publicUrl}${canonical}`
  return (
    <>
      <title>{`${title} · ${texts.site.name}`}</title>
      <meta name="description" content={about} />
      {url && <link rel="canonical" href={url} />}
      {isUnlisted && <meta name="robots" content="noindex" />}
      <meta property="og:site_name" content={texts.site.name} />
      <meta property="og:title" content={title} />
      <meta property="og:description" content={about} />
      <meta property="og:type" content="website" />
      {url && <meta property="og:url" content={url} />}
      {/* 1200 by 630: sites that preview shared pages do not accept SVG. */}
      <meta property="og:image" content={`${publicUrl}/share.png`} />
      <meta property="og:image:alt" content={texts.site.name} />
      <meta name="twitter:card" content="summary_large_image" />
      {linkedData && (
        <script
          type="application/ld+json"
          nonce={nonce}
          suppressHydrationWarning
          // biome-ignore lint/security/noDangerouslySetInnerHtml: JSON; its "<" is escaped, so it cannot end the script
          dangerouslySetInnerHTML={{ __html: JSON.stringify(linkedData).replaceAll('<', '\\u003c') }}
        />
      )}
    </>
  )
}

export const usePublicUrl = () => useRouteLoaderData<() => Promise<RootData>>('root')?.publicUrl ?? ''
