import { useEffect } from 'react'
import { useRevalidator } from 'react-router'

/**
 * Refetches the page's data after a while. Without JavaScript the page does the same: see `refreshSeconds` in
 * root.tsx.
 */
export function LookAgain({ seconds }: { seconds: number }) {
  const { revalidate, state } = useRevalidator()
  useEffect(() => {
    if (state !== 'idle') return
    const timer = setTimeout(revalidate, seconds * 1000)
    return () => clearTimeout(timer)
  }, [revalidate, seconds, state])
  return null
}
