import { expect, it } from 'vitest'
import { isCrossOrigin } from './origin.ts'

const publicUrl = 'https://aisle.test'

it('refuses a form of another site, by either of the signs that a browser gives', () => {
  expect(isCrossOrigin('POST', { 'sec-fetch-site': 'cross-site', origin: publicUrl }, publicUrl)).toBe(true)
  expect(isCrossOrigin('POST', { 'sec-fetch-site': 'same-site' }, publicUrl)).toBe(true)
  expect(isCrossOrigin('POST', { origin: 'https://elsewhere.test', host: 'aisle.test' }, publicUrl)).toBe(true)
  expect(isCrossOrigin('POST', { origin: 'null' }, publicUrl)).toBe(true)
})

it('accepts its own form, even behind a proxy that ends TLS and has its own host name', () => {
  expect(isCrossOrigin('POST', { 'sec-fetch-site': 'same-origin' }, publicUrl)).toBe(false)
  expect(isCrossOrigin('POST', { origin: publicUrl, host: 'web:8080' }, publicUrl)).toBe(false)
  expect(isCrossOrigin('POST', { origin: 'https://other.test', 'x-forwarded-host': 'other.test' }, publicUrl)).toBe(
    false,
  )
})

it('always allows reading, and programs, which send no origin', () => {
  expect(isCrossOrigin('GET', { 'sec-fetch-site': 'cross-site' }, publicUrl)).toBe(false)
  expect(isCrossOrigin('POST', {}, publicUrl)).toBe(false)
})

it('treats another scheme or port of the same host as another origin', () => {
  const post = (origin: string, to = publicUrl) =>
    isCrossOrigin('POST', { origin, host: new URL(to).host, 'x-forwarded-host': new URL(to).host }, to)
  expect(post('https://aisle.test')).toBe(false)
  expect(post('http://aisle.test')).toBe(true)
  expect(post('https://aisle.test:8443')).toBe(true)
  expect(post('http://[::1]:3000', 'http://[::1]:3000')).toBe(false)
  expect(post('https://[::1]:3000', 'http://[::1]:3000')).toBe(true)
})
