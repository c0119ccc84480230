import { security as de } from './de-security.ts'
import { security as en } from './en-security.ts'
import { pageTexts } from './page-texts.ts'

export const useSecurityTexts = pageTexts('security', { en, de })
