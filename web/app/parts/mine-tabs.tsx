import { NavLink } from 'react-router'
import { useTexts } from '../texts/use-texts.tsx'

export function MineTabs() {
  const texts = useTexts()
  const tabs = [
    ['/my-tickets', texts.mine.buying],
    ['/my-tickets/selling', texts.mine.selling],
  ] as const
  return (
    <nav aria-label={texts.mine.title} className="mt-4 mb-8 flex gap-6 border-line border-b">
      {tabs.map(([to, text]) => (
        <NavLink
          key={to}
          to={to}
          end
          className={({ isActive }) =>
            `-mb-px flex min-h-11 items-center border-b-2 font-medium ${isActive ? 'border-ink' : 'border-transparent text-muted hover:text-ink'}`
          }
        >
          {text}
        </NavLink>
      ))}
    </nav>
  )
}
