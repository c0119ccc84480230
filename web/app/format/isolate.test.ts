import { expect, it } from 'vitest'
import { isolated, unturned } from './isolate.ts'

it('a name that is read from right to left does not reorder what stands beside it', () => {
  expect(isolated('סיגור רוס')).toBe('\u2068סיגור רוס\u2069')
  expect(isolated('فيروز Live')).toBe('\u2068فيروز Live\u2069')
})

it('a name in the direction of the page is left alone', () => {
  for (const name of ['Sigur Rós', '周杰伦', '24/7', 'नमस्ते', '🎸']) expect(isolated(name)).toBe(name)
})

it('controls from before do not get out', () => {
  expect(isolated('Seat \u202e001 rof\u202c')).toBe('Seat 001 rof')
  expect(isolated('\u2067עברית\u2069')).toBe('\u2068עברית\u2069')
  expect(unturned('a\u202ab\u2066c\u2069')).toBe('abc')
})
