import { account as de } from './de-account.ts'
import { account as en } from './en-account.ts'
import { pageTexts } from './page-texts.ts'

export const useAccountTexts = pageTexts('account', { en, de })
