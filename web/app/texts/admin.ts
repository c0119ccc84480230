import { admin as de } from './de-admin.ts'
import { admin as en } from './en-admin.ts'
import { pageTexts } from './page-texts.ts'

export const useAdminTexts = pageTexts('admin', { en, de })
export type AdminTexts = ReturnType<typeof useAdminTexts>
