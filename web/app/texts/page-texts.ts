// Texts of a few pages. They are loaded with these pages, in all languages: the other pages need none of them, and what
// every page loads stays small.

import type { Texts } from './en.ts'
import type { Language } from './languages.ts'
import { pseudo } from './pseudo.ts'
import { useLanguage, useTexts } from './use-texts.tsx'

/** A hook that returns the texts of every page, and with them those that are in `own`, under `key`. */
export function pageTexts<K extends string, T extends object>(key: K, own: Record<'en' | 'de', T>) {
  const inLanguage: Record<Language, T> = { ...own, 'ar-XB': pseudo(own.en) }
  return function usePageTexts(): Texts & Record<K, T> {
    const texts = { [key]: inLanguage[useLanguage()] } as Record<K, T>
    return { ...useTexts(), ...texts }
  }
}
