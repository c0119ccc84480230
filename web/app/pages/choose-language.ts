// The language switch at the foot of every page: a form that works without JavaScript.

import { redirect } from 'react-router'
import { readForm } from '../api/forms.server.ts'
import { visitOf } from '../api/visit.server.ts'
import { safeReturnPath } from '../format/return-path.ts'
import { languageCookie, offered } from '../texts/languages.ts'
import type { Route } from './+types/choose-language.ts'

const keptSeconds = 365 * 86_400

export async function action({ request, context }: Route.ActionArgs) {
  const { language: chosen, to } = await readForm(request)
  const language = offered.find((one) => one === chosen)
  const secure = visitOf(context).publicUrl.startsWith('https:') ? '; Secure' : ''
  return redirect(safeReturnPath(to), {
    status: 303,
    headers: language
      ? {
          'set-cookie': `${languageCookie}=${language}; Path=/; Max-Age=${keptSeconds}; SameSite=Lax; HttpOnly${secure}`,
        }
      : {},
  })
}

export const loader = () => redirect('/')
