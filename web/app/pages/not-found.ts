// Every URL without a page.

import { data } from 'react-router'

export function loader(): never {
  throw data({ code: 'not-found' }, 404)
}

export const action = loader

/**
 * Never shown: the loader's refusal is the page. It makes this a page and not a resource, so that the refusal
 * is rendered as one.
 */
export default function NotFound() {
  return null
}
