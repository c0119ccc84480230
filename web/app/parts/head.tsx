// What a page says about itself to browsers, search engines and those who share it. React moves these elements into the document's head.

import { createContext, use } from 'react'
import { useRouteLoaderData } from 'react-router'
import type { Audience } from '../../server/visit.ts'
import { useTexts } from '../texts/use-texts.tsx'

/** What the root of every page loads. */
export type RootData = { publicUrl: string; audience: Audience }

/** Of the page that is being rendered; a browser does not let scripts read it again. */
export const Nonce = createContext<string | undefined>(undefined)

type HeadProps = {
  /** Text of people in it is isolated (format/isolate.ts). */
  title: string
  description?: string
  /** The one address of this page, without filters; pages without it are not for search engines. */
  canonical?: string
  /** For those who have the address, and not for search engines. */
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
      {/* Of 1200 by 630: those who show shared pages take no SVG. */}
      <meta property="og:image" content={`${publicUrl}/share.png`} />
      <meta property="og:image:alt" content={texts.site.name} />
      <meta name="twitter:card" content="summary_large_image" />
      {linkedData && (
        <script
          type="application/ld+json"
          nonce={nonce}
          suppressHydrationWarning
          // biome-ignore lint/security/noDangerouslySetInnerHtml: JSON, with the one character escaped that could end the script
          dangerouslySetInnerHTML={{ __html: JSON.stringify(linkedData).replaceAll('<', '\\u003c') }}
        />
      )}
    </>
  )
}

export const usePublicUrl = () => useRouteLoaderData<() => Promise<RootData>>('root')?.publicUrl ?? ''
