// Which language a visit is in: what the visitor chose, else what the browser asks for, else English.

/** `ar-XB` is English turned round, to see that every page works from right to left; it is not offered. */
export const languages = ['en', 'de', 'ar-XB'] as const
export type Language = (typeof languages)[number]
export const offered = ['en', 'de'] as const satisfies readonly Language[]

export const languageCookie = 'lang'

const isLanguage = (value: string | undefined): value is Language => languages.includes(value as Language)

const chosenAs = (cookie: string, name: string) => new RegExp(`(?:^|;\\s*)${name}=([\\w-]+)`).exec(cookie)?.[1]

export function negotiateLanguage(cookie: string, acceptLanguage: string): Language {
  // With https the choice is kept under `__Host-`; without the prefix it is from before, or from another site's page.
  const chosen = chosenAs(cookie, `__Host-${languageCookie}`) ?? chosenAs(cookie, languageCookie)
  if (isLanguage(chosen)) return chosen
  const wanted = acceptLanguage
    .split(',')
    .map((part) => {
      const [tag = '', quality] = part.trim().split(/;\s*q=/)
      return { tag: tag.toLowerCase(), quality: Number(quality ?? 1) }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
  for (const { tag } of wanted) {
    const match = offered.find((language) => tag === language || tag.startsWith(`${language}-`))
    if (match) return match
  }
  return 'en'
}

/** What Intl is asked for. German readers get German forms; English ones those of Britain, where a day comes before its month. */
export const localeOf: Record<Language, string> = { en: 'en-GB', de: 'de-DE', 'ar-XB': 'en-GB' }
export const directionOf: Record<Language, 'ltr' | 'rtl'> = { en: 'ltr', de: 'ltr', 'ar-XB': 'rtl' }
