import { data as de } from './de-data.ts'
import { data as en } from './en-data.ts'
import { pageTexts } from './page-texts.ts'

export const useDataTexts = pageTexts('data', { en, de })
