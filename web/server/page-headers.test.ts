import { expect, it } from 'vitest'
import { cacheControl, pageHeaders } from './page-headers.ts'

const seen = {
  method: 'GET',
  path: '/events/1?upTo=5',
  status: 200,
  cookie: 'lang=de',
  setsCookie: false,
  isData: false,
}

it('what everyone sees who is signed out may be shared for a moment', () => {
  for (const path of ['/', '/?q=x', '/tickets', '/tickets/1', '/events/1?upTo=5', '/help', '/terms?x'])
    expect(cacheControl({ ...seen, path }), path).toMatch(/^public, max-age=1,/)
})

it('an open page that asks for the newest data does not get what is five seconds old', () => {
  expect(cacheControl({ ...seen, isData: true })).toBe('public, max-age=1')
})

it('nothing personal may be kept by a cache', () => {
  for (const change of [
    { cookie: 'session=abc' },
    { cookie: 'lang=de; __Host-session=abc' },
    { setsCookie: true },
    { method: 'POST' },
    { status: 404 },
    { path: '/sign-up' },
    { path: '/orders/1' },
    { path: '/tickets/1/edit' },
    { path: '/help/me' },
  ]) {
    expect(cacheControl({ ...seen, ...change }), JSON.stringify(change)).toBe('private, no-store')
  }
})

it('a page runs only its own scripts and leads its forms only here and to the payment page', () => {
  const headers = pageHeaders(["'nonce-abc'"], 'https://aisle.test', ['https://pay.test'], '/')
  const policy = headers['content-security-policy']
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self' 'nonce-abc';")
  expect(policy).toContain("form-action 'self' https://pay.test")
  expect(policy).not.toContain('unsafe')
  expect(headers).toHaveProperty('strict-transport-security')
})

it('a mail is framed by its page alone, and runs nothing', () => {
  const id = '01910000-0000-7000-8000-000000000001'
  const policyOf = (path: string) =>
    pageHeaders(["'nonce-abc'"], 'https://aisle.test', [], path)['content-security-policy']
  expect(policyOf(`/dev/mail/${id}`)).toContain("frame-src 'self'")
  expect(policyOf('/dev/mail')).not.toContain('frame-src')
  const html = policyOf(`/dev/mail/${id}/html`)
  expect(html).toContain("default-src 'none'")
  expect(html).toContain('sandbox allow-popups allow-popups-to-escape-sandbox;')
  expect(html).not.toContain('script')
})
