import type { ReactNode } from 'react'
import { Link, NavLink } from 'react-router'
import { signInPath } from '../format/return-path.ts'
import { useTexts } from '../texts/use-texts.tsx'
import { UnreadNotices } from './unread-notices.tsx'

/** `here` is the page to come back to after signing in. */
export function SiteHeader({ isSignedIn, isAdmin, here }: { isSignedIn: boolean; isAdmin: boolean; here: string }) {
  const texts = useTexts()
  const links: [to: string, text: ReactNode][] = [
    ['/sell', texts.site.sell],
    ...(isSignedIn
      ? ([
          ['/my-tickets', texts.site.mine],
          ['/notices', <UnreadNotices key="notices" />],
          ['/account', texts.site.account],
        ] as [string, ReactNode][])
      : []),
    ...(isAdmin ? ([['/admin', texts.site.admin]] as [string, string][]) : []),
  ]
  return (
    <header className="page flex w-full min-h-16 flex-wrap items-center justify-between gap-x-4 py-2">
      <Link to="/" className="flex min-h-11 items-center gap-2 font-display font-bold text-entry tracking-tight">
        <Mark />
        {texts.site.name}
      </Link>
      <nav aria-label={texts.site.menu} className="flex flex-wrap items-center gap-x-4 text-small sm:gap-x-7">
        {links.map(([to, text]) => (
          <NavLink key={to} to={to} className={navLink}>
            {text}
          </NavLink>
        ))}
        {!isSignedIn && (
          <NavLink to={signInPath(here)} className={navLink}>
            {texts.site.signIn}
          </NavLink>
        )}
      </nav>
    </header>
  )
}

const navLink = ({ isActive }: { isActive: boolean }) =>
  `flex min-h-11 items-center font-medium underline-offset-8 hover:underline ${isActive ? 'underline decoration-2 decoration-curtain' : ''}`

/** The logo: a ticket stub with its perforation. */
function Mark() {
  return (
    <svg aria-hidden="true" viewBox="0 0 34 20" className="h-5 w-auto text-curtain">
      <path
        fill="currentColor"
        d="M3 0h17.5a2.5 2.5 0 0 0 5 0H31a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-5.5a2.5 2.5 0 0 0-5 0H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z"
      />
      <path
        fill="none"
        stroke="var(--paper)"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeDasharray="0 3.6"
        d="M23 6.4v8"
      />
    </svg>
  )
}
