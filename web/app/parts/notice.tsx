import type { ReactNode } from 'react'

export function Notice({
  look,
  title,
  children,
  announce,
}: {
  look?: 'good' | 'warn' | 'bad'
  title: ReactNode
  children?: ReactNode
  announce?: boolean
}) {
  return (
    <div className={`notice ${look ? `notice-${look}` : ''}`} role={announce ? 'status' : undefined}>
      <p className="font-semibold">{title}</p>
      {children && <div className="text-small text-muted">{children}</div>}
    </div>
  )
}
