import { notices as de } from './de-notices.ts'
import { notices as en } from './en-notices.ts'
import { pageTexts } from './page-texts.ts'

export const useNoticesTexts = pageTexts('notices', { en, de })
export type NoticesTexts = ReturnType<typeof useNoticesTexts>
