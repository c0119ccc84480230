import { expect, it } from 'vitest'
import { canonicalPath } from './canonical-path.ts'

it('a page has one address, without a slash at its end', () => {
  expect(canonicalPath('/tickets/')).toBe('/tickets')
  expect(canonicalPath('/events/1//')).toBe('/events/1')
  expect(canonicalPath('/a/?q=x/&y=/')).toBe('/a?q=x/&y=/')
  for (const url of ['/', '/?q=/', '/tickets', '/tickets?to=/', '/tickets.data']) expect(canonicalPath(url)).toBe(null)
})

it('no path leads to another site', () => {
  for (const url of ['//elsewhere.test/', '//', '/\\elsewhere.test/', '/a\\/']) expect(canonicalPath(url)).toBe(null)
})
