// Loads the catalogue of one language. The browser fetches only its own.

import type { Texts } from './en.ts'
import type { Language } from './languages.ts'

export async function loadTexts(language: Language): Promise<Texts> {
  switch (language) {
    case 'en':
      return (await import('./en.ts')).en
    case 'de':
      return (await import('./de.ts')).de
    case 'ar-XB': {
      const [{ en }, { pseudo }] = await Promise.all([import('./en.ts'), import('./pseudo.ts')])
      return pseudo(en)
    }
    default:
      return language satisfies never
  }
}
