// The language of the page, available to every part of it.

import { createContext, type ReactNode, use } from 'react'
import { type Format, formatFor } from '../format/format.ts'
import type { Texts } from './en.ts'
import type { Language } from './languages.ts'

type Speech = { language: Language; texts: Texts; format: Format }

const Speech = createContext<Speech | null>(null)

export function Speaking({ language, texts, children }: { language: Language; texts: Texts; children: ReactNode }) {
  return <Speech value={{ language, texts, format: formatFor(language) }}>{children}</Speech>
}

function useSpeech(): Speech {
  const speech = use(Speech)
  if (!speech) throw new Error('A page was rendered outside of <Speaking>; see entry.server.tsx.')
  return speech
}

export const useTexts = () => useSpeech().texts
export const useFormat = () => useSpeech().format
export const useLanguage = () => useSpeech().language
