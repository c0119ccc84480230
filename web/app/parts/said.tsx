/** Said by screen readers when it changes, and not when the page is loaded with it. It has to be on the page before there is anything to say. */
export function Said({ text }: { text: string }) {
  return (
    <p className="sr-only" role="status">
      {text}
    </p>
  )
}
