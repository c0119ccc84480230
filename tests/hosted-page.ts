// A buyer on the provider's page, as a browser without JavaScript: it follows the forms that the sandbox offers
// there.

const good = { email: 'ada@example.com', expiry: '12 / 34', cvc: '123', name: 'Ada Lovelace', card: 'typed' }

export const cards = {
  good: '4242 4242 4242 4242',
  declined: '4000 0000 0000 0002',
  asksFor3ds: '4000 0025 0000 3155',
  declinedAfter3ds: '4000 0084 0000 1629',
  refundFails: '4000 0000 0000 5126',
  refundPends: '4000 0000 0000 7726',
} as const

export type Page = { status: number; html: string; location: string | null }

export async function visit(url: string, form?: Record<string, string>): Promise<Page> {
  const answer = await fetch(url, {
    redirect: 'manual',
    ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
  })
  const location = answer.headers.get('location')
  return { status: answer.status, html: await answer.text(), location: location && new URL(location, url).href }
}

/** Submits the card form of a hosted page. */
export const payOnPage = (url: string, number: string = cards.good): Promise<Page> => visit(url, { ...good, number })

/** Answers the bank's question on the 3-D Secure page at `url`. */
export async function answer3ds(url: string, result: 'complete' | 'fail'): Promise<Page> {
  const { html } = await visit(url)
  const hidden = [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)]
  return visit(url, { ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])), result })
}
