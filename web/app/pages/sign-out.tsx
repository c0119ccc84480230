// Sign-out is a form, here and on the account page, because prefetching would follow a link.

import { signOut } from '@aisle/contracts/api/users'
import { Form, redirect } from 'react-router'
import { readApi } from '../api/call-api.server.ts'
import { readForm } from '../api/forms.server.ts'
import { Submit } from '../parts/button.tsx'
import { Head } from '../parts/head.tsx'
import { useTexts } from '../texts/use-texts.tsx'
import type { Route } from './+types/sign-out.ts'

export async function action({ request, context }: Route.ActionArgs) {
  await readForm(request)
  await readApi(context, signOut, {})
  return redirect('/', 303)
}

export default function SignOut() {
  const texts = useTexts()
  return (
    <div className="page max-w-lg py-16">
      <Head title={texts.signOut.title} />
      <h1 className="text-title">{texts.signOut.title}</h1>
      <p className="mt-2 mb-6 text-muted">{texts.signOut.body}</p>
      <Form method="post">
        <Submit look="main" pending={texts.signOut.title}>
          {texts.signOut.title}
        </Submit>
      </Form>
    </div>
  )
}
