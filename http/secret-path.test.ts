import { expect, it } from 'vitest'
import { holdsSecret, withoutSecret } from './secret-path.ts'

it('an address is logged without the secret of a link', () => {
  expect(withoutSecret('/confirm/abc-DEF_123')).toBe('/confirm/...')
  expect(withoutSecret('/reset/abc.data?_routes=pages%2Freset')).toBe('/reset/...?_routes=pages%2Freset')
  expect(withoutSecret('/tickets/0190?to=/confirm')).toBe('/tickets/0190?to=/confirm')
  expect([holdsSecret('/undo/abc'), holdsSecret('/undo'), holdsSecret('/orders/abc')]).toEqual([true, false, false])
})
