import { sell as de } from './de-sell.ts'
import { sell as en } from './en-sell.ts'
import { pageTexts } from './page-texts.ts'

export const useSellTexts = pageTexts('sell', { en, de })
