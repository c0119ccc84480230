// The language of a visit: the visitor's choice, else the browser's preference, else English.

/** `ar-XB` is mirrored English, used to check that every page works from right to left; it is not offered. */
export const languages = ['en', 'de', 'ar-XB'] as const
export type Language = (typeof languages)[number]
export const offered = ['en', 'de'] as const satisfies readonly Language[]

/** The language for mails to a reader of these pages. */
export const mailLanguageOf = (language: Language): (typeof offered)[number] =>
  offered.find((one) => one === language) ?? 'en'

export const languageCookie = 'lang'

const isLanguage = (value: string | undefined): value is Language => languages.includes(value as Language)

const chosenAs = (cookie: string, name: string) => new RegExp(`(?:^|;\\s*)${name}=([\\w-]+)`).exec(cookie)?.[1]

export function negotiateLanguage(cookie: string, acceptLanguage: string): Language {
  // With https the choice is stored under `__Host-`; a cookie without the prefix is older, or set by another
  // site's page.
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

/** The language in which the services say something: mirrored English is English to them. */
export const apiLanguage = (language: string): (typeof offered)[number] => (language === 'de' ? 'de' : 'en')

/**
 * The locale for Intl. German readers get German formats, English readers British ones, where the day precedes
 * its month.
 */
export const localeOf: Record<Language, string> = { en: 'en-GB', de: 'de-DE', 'ar-XB': 'en-GB' }
export const directionOf: Record<Language, 'ltr' | 'rtl'> = { en: 'ltr', de: 'ltr', 'ar-XB': 'rtl' }
