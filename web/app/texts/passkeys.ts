import { passkeys as de } from './de-passkeys.ts'
import { passkeys as en } from './en-passkeys.ts'
import { pageTexts } from './page-texts.ts'

export const usePasskeyTexts = pageTexts('passkeys', { en, de })
