import { expect, it } from 'vitest'
import { safeReturnPath, signInPath } from './return-path.ts'

it('one comes back to the page of this site that one was on', () => {
  for (const path of ['/', '/tickets/1', '/sell?event=1', '/my-tickets/selling?after=a-b']) {
    expect(safeReturnPath(path)).toBe(path)
  }
})

it('an address cannot lead anywhere else', () => {
  for (const wanted of [
    'https://elsewhere.test/',
    '//elsewhere.test/',
    '/\\elsewhere.test/',
    '/\t/elsewhere.test/',
    '\\\\elsewhere.test',
    '/.//elsewhere.test/',
    'javascript:alert(1)',
    'sell',
    '/api/docs',
    '',
    null,
    undefined,
    `/${'a'.repeat(600)}`,
  ]) {
    expect(safeReturnPath(wanted), String(wanted)).toBe('/')
  }
})

it('signing in does not lead back to signing in', () => {
  expect(signInPath('/sell?event=1')).toBe('/sign-in?to=%2Fsell%3Fevent%3D1')
  expect(signInPath('/sign-in?to=%2Fsell')).toBe('/sign-in')
  expect(signInPath('/', '/sign-up')).toBe('/sign-up')
})
