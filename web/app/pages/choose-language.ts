// The language switch at the foot of every page: a form that works without JavaScript.

import { redirect } from 'react-router'
import { visitOf } from '../api/visit.server.ts'
import { safeReturnPath } from '../format/return-path.ts'
import { languageCookie, offered } from '../texts/languages.ts'
import type { Route } from './+types/choose-language.ts'

const keptSeconds = 365 * 86_400

export async function action({ request, context }: Route.ActionArgs) {
  const form = await request.formData()
  const language = offered.find((one) => one === form.get('language'))
  const secure = visitOf(context).publicUrl.startsWith('https:') ? '; Secure' : ''
  return redirect(safeReturnPath(String(form.get('to') ?? '/')), {
    status: 303,
    headers: language
      ? {
          'set-cookie': `${languageCookie}=${language}; Path=/; Max-Age=${keptSeconds}; SameSite=Lax; HttpOnly${secure}`,
        }
      : {},
  })
}

export const loader = () => redirect('/')
