import { expect, it } from 'vitest'
import { isUtf8Form } from './form-text.ts'

const escaped = 'application/x-www-form-urlencoded; charset=UTF-8'

it('a form of another encoding is not read', () => {
  expect(isUtf8Form(Buffer.from('title=Caf%C3%A9&x=%'), escaped)).toBe(true)
  expect(isUtf8Form(Buffer.from('title=Café'), escaped)).toBe(true)
  expect(isUtf8Form(Buffer.from('title=Caf%E9'), escaped)).toBe(false)
  expect(isUtf8Form(Buffer.from('title=Caf\xe9', 'latin1'), escaped)).toBe(false)
  expect(isUtf8Form(Buffer.from('--x\r\n\r\nCaf\xe9', 'latin1'), 'multipart/form-data; boundary=x')).toBe(false)
  // In multipart bodies nothing is escaped.
  expect(isUtf8Form(Buffer.from('--x\r\n\r\nCaf%E9'), 'multipart/form-data; boundary=x')).toBe(true)
})
