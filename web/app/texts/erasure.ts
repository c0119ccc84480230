import { erasure as de } from './de-erasure.ts'
import { erasure as en } from './en-erasure.ts'
import { pageTexts } from './page-texts.ts'

export const useErasureTexts = pageTexts('erasure', { en, de })
