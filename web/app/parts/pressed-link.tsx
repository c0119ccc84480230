// The page of a link from a mail that does one thing at the press of a button. Opening it changes nothing, because
// programs open links in mails, too. Whatever is wrong with a link, the answer is the same.

import type { ReactNode } from 'react'
import { Form } from 'react-router'
import { Submit } from './button.tsx'
import { Head } from './head.tsx'
import { Notice } from './notice.tsx'
import { type Rejected, Rejection } from './rejection.tsx'

type PressedLinkProps = {
  title: string
  body: string
  press: string
  pressing: string
  done: string
  doneHint: string
  /** What the action of the page answered. */
  answered: { done: true } | Rejected | undefined
  /** Where to go when it is done, or when the link does not work. */
  next: ReactNode
}

export function PressedLink({ title, body, press, pressing, done, doneHint, answered, next }: PressedLinkProps) {
  const isDone = answered !== undefined && 'done' in answered
  return (
    <div className="page max-w-lg py-10 sm:py-16">
      <Head title={title} />
      <h1 className="text-title">{title}</h1>
      {isDone ? (
        <div className="mt-8 grid gap-6">
          <Notice look="good" announce title={done}>
            {doneHint}
          </Notice>
          <p>{next}</p>
        </div>
      ) : (
        <>
          <p className="mt-2 mb-6 text-muted">{body}</p>
          <Rejection rejected={answered} />
          {answered?.code === 'invalid-link' ? (
            <p>{next}</p>
          ) : (
            <Form method="post">
              <Submit look="main" pending={pressing}>
                {press}
              </Submit>
            </Form>
          )}
        </>
      )}
    </div>
  )
}
