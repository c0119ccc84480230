import type { ReactNode } from 'react'

type EmptyProps = {
  title: string
  hint: string
  /** Right below tabs, whose line already separates it. */
  belowTabs?: boolean
  children?: ReactNode
}

/** An empty list, and what to do about it. */
export function Empty({ title, hint, belowTabs = false, children }: EmptyProps) {
  return (
    <div className={`border-line border-b ${belowTabs ? 'pt-4 pb-12' : 'border-t py-12'}`}>
      <p className="font-display text-entry font-semibold">{title}</p>
      <p className="mt-1 max-w-prose text-muted">{hint}</p>
      {children && <div className="mt-5 flex flex-wrap gap-3">{children}</div>}
    </div>
  )
}
