// An item as admins see it: one line with what matters, its facts below, actions at the end. Lines instead of
// cards, because admins scan a list downwards.

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

/** A link to related items; ids are distinguished by their end. */
export const RecordLink = ({ to, children }: { to: string; children: ReactNode }) => (
  <Link className="link inline-flex min-h-8 items-center text-ink" to={to}>
    {children}
  </Link>
)

/** The end of an id: ids created at the same time have similar beginnings. */
export const shortId = (id: string) => `…${id.slice(-8)}`
