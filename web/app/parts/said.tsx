/**
 * Announced by screen readers when it changes, but not when the page loads with it. It must be on the page
 * before there is anything to announce.
 */
export function Said({ text }: { text: string }) {
  return (
    <p className="sr-only" role="status">
      {text}
    </p>
  )
}
