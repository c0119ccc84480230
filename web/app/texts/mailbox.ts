import { mailbox as de } from './de-mailbox.ts'
import { mailbox as en } from './en-mailbox.ts'
import { pageTexts } from './page-texts.ts'

export const useMailboxTexts = pageTexts('mailbox', { en, de })
