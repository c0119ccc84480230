import type { ReactNode } from 'react'

/** Nothing to show, and what to do about it. */
export function Empty({ title, hint, children }: { title: string; hint: string; children?: ReactNode }) {
  return (
    <div className="border-line border-y py-12">
      <p className="font-display text-entry font-semibold">{title}</p>
      <p className="mt-1 max-w-prose text-muted">{hint}</p>
      {children && <div className="mt-5 flex flex-wrap gap-3">{children}</div>}
    </div>
  )
}
