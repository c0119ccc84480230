// How admins see a thing: one line of what matters, its facts below, what can be done at the end. Lines, not cards: one reads down a list.

import type { ReactNode } from 'react'
import { Link } from 'react-router'

export function Records({ children }: { children: ReactNode }) {
  return <ul className="grid border-line border-t">{children}</ul>
}

export function Record({ title, aside, children }: { title: ReactNode; aside?: ReactNode; children?: ReactNode }) {
  return (
    <li className="grid min-w-0 gap-1 border-line border-b py-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6">
        <h2 className="min-w-0 font-semibold text-base">{title}</h2>
        <p className="numbers text-small">{aside}</p>
      </div>
      {children && <div className="flex flex-wrap items-center gap-x-5 text-small text-muted">{children}</div>}
    </li>
  )
}

/** Something to go on with; ids are told apart by their end. */
export const RecordLink = ({ to, children }: { to: string; children: ReactNode }) => (
  <Link className="link inline-flex min-h-8 items-center text-ink" to={to}>
    {children}
  </Link>
)

/** The end of an id: of ids that were made at the same time the beginnings are alike. */
export const shortId = (id: string) => `…${id.slice(-8)}`
