// What a browser needs to ask for a passkey as the second step. It comes from here and not from auth, because no script
// may read the cookie that names the step.

import { secondStepOptions } from '@aisle/contracts/api/passkeys'
import { callApi } from '../api/call-api.server.ts'
import { readForm } from '../api/forms.server.ts'
import { readSecondStep } from '../api/second-step.server.ts'
import type { Route } from './+types/second-step-options.ts'

export async function action({ request, context }: Route.ActionArgs) {
  await readForm(request)
  const challenge = readSecondStep(context)?.challenge ?? ''
  const answer = await callApi(context, secondStepOptions, { body: { challenge } })
  return Response.json(answer.ok ? answer.body : answer.problem, { status: answer.status })
}
