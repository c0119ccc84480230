import type { ReactNode } from 'react'
import { useNavigation } from 'react-router'

type SubmitProps = {
  children: ReactNode
  /** Said instead, while the form is on its way. */
  pending: string
  /** `main` is the one thing to do on the page. */
  look?: 'main' | 'plain' | 'quiet'
  /** Where a page has several forms: which one this is. */
  intent?: string
  className?: string
}

/** Sends its form. While that is under way a second press does nothing; without JavaScript the form's key makes two presses one request. */
export function Submit({ children, pending, look = 'plain', intent, className = '' }: SubmitProps) {
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData !== undefined
  const isThis = isBusy && (intent === undefined || formData.get('intent') === intent)
  return (
    <button
      type="submit"
      className={`button ${look === 'plain' ? '' : `button-${look}`} ${className}`}
      aria-disabled={isBusy || undefined}
      {...(intent ? { name: 'intent', value: intent } : {})}
      onClick={(click) => {
        if (isBusy) click.preventDefault()
      }}
    >
      {isThis ? pending : children}
    </button>
  )
}
