import { links as de } from './de-links.ts'
import { links as en } from './en-links.ts'
import { pageTexts } from './page-texts.ts'

export const useLinkTexts = pageTexts('links', { en, de })
