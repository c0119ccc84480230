// A notice in the words of a language.

import type { Language } from '@aisle/contracts/messages/auth'
import type { Kind } from '../kinds.ts'
import { de, labels as deLabels } from './de.ts'
import { en, labels as enLabels } from './en.ts'
import { type Format, formatFor } from './format.ts'
import type { Said, Texts, Told } from './texts.ts'

const languages: Record<Language, { texts: Texts; format: Format }> = {
  en: { texts: en, format: formatFor('en', enLabels) },
  de: { texts: de, format: formatFor('de', deLabels) },
}

export const textsOf = (language: Language): Texts => languages[language].texts

export function say(kind: Kind, told: Told, language: Language): Said {
  const { texts, format } = languages[language]
  return texts.say[kind](told, format)
}
