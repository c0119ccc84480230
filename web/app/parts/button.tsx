import type { ReactNode } from 'react'
import { useNavigation } from 'react-router'

type SubmitProps = {
  children: ReactNode
  /** The label while the form is being submitted. */
  pending: string
  /** `main` is the one thing to do on the page. */
  look?: 'main' | 'plain' | 'quiet'
  /** Identifies the form on a page with several forms. */
  intent?: string
  className?: string
}

/**
 * Submits its form. Meanwhile a second press does nothing; without JavaScript the form's key makes two presses
 * one request.
 */
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
