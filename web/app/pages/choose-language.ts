// The language switch at the bottom of every page: a form that works without JavaScript.

import { redirect } from 'react-router'
import { keepCookie } from '../api/cookies.server.ts'
import { readForm } from '../api/forms.server.ts'
import { safeReturnPath } from '../format/return-path.ts'
import { languageCookie, offered } from '../texts/languages.ts'
import type { Route } from './+types/choose-language.ts'

const keptSeconds = 365 * 86_400

export async function action({ request, context }: Route.ActionArgs) {
  const { language: chosen, to } = await readForm(request)
  const language = offered.find((one) => one === chosen)
  if (language) keepCookie(context, languageCookie, language, keptSeconds)
  return redirect(safeReturnPath(to), 303)
}

export const loader = () => redirect('/')
