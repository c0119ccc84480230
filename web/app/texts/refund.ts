import { refund as de } from './de-refund.ts'
import { refund as en } from './en-refund.ts'
import { pageTexts } from './page-texts.ts'

export const useRefundTexts = pageTexts('refund', { en, de })
