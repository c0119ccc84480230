// The layout of all admin pages. Anyone else gets a page saying that it is for admins only.

import { NavLink, Outlet } from 'react-router'
import { requireAdmin } from '../api/current-user.server.ts'
import { useAdminTexts } from '../texts/admin.ts'
import type { Route } from './+types/admin.ts'

export async function loader({ context }: Route.LoaderArgs) {
  await requireAdmin(context)
  return null
}

const sections = ['users', 'tickets', 'orders', 'messages', 'books', 'audit'] as const

export default function Admin() {
  const texts = useAdminTexts()
  return (
    <div className="page py-8">
      <p className="text-small text-muted">{texts.admin.title}</p>
      <nav
        aria-label={texts.admin.title}
        className="mb-8 flex flex-wrap gap-x-4 border-line border-b text-small sm:gap-x-6 sm:text-base"
      >
        {sections.map((section) => (
          <NavLink
            key={section}
            to={`/admin/${section}`}
            className={({ isActive }) =>
              `-mb-px flex min-h-11 items-center border-b-2 font-medium ${isActive ? 'border-ink' : 'border-transparent text-muted hover:text-ink'}`
            }
          >
            {texts.admin[section]}
          </NavLink>
        ))}
      </nav>
      <Outlet />
    </div>
  )
}
