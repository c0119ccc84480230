import { ticket as de } from './de-ticket.ts'
import { ticket as en } from './en-ticket.ts'
import { pageTexts } from './page-texts.ts'

export const useTicketTexts = pageTexts('ticket', { en, de })
