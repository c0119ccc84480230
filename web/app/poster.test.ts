import { EventKind } from '@aisle/contracts/entities'
import { expect, it } from 'vitest'
import { posterFile, posterMarkup } from './poster.ts'

const ids = Array.from({ length: 60 }, (_, index) => `01a1fb95-ba1d-7008-90f0-${String(index).padStart(12, '0')}`)

it('an event has the same poster every time', () => {
  for (const id of ids) expect(posterMarkup(id, 'concert')).toBe(posterMarkup(id, 'concert'))
  expect(posterMarkup('01a1fb95-ba1d-7008-90f0-000000000001', 'theatre')).toMatchInlineSnapshot(
    `"<path fill="#EFE3D2" d="M0 0h300v400H0z"/><path fill="#C98B4E" d="M54 106a78 78 0 0 1 156 0z"/><path fill="#7A1022" d="M57 161a78 78 0 0 0 156 0z"/><path fill="#2B2320" d="M148 294a78 78 0 0 0 156 0z"/>"`,
  )
})

it('two events nearly never have the same one', () => {
  expect(new Set(ids.map((id) => posterMarkup(id, 'concert'))).size).toBe(ids.length)
})

it('every kind has its own colours', () => {
  const grounds = EventKind.enum.map((kind) => posterMarkup(ids[0]!, kind).slice(0, 40))
  expect(new Set(grounds).size).toBe(EventKind.enum.length)
})

it('is nothing but shapes and colours, whatever the id says', () => {
  for (const id of ['<script>alert(1)</script>', '"/><a href="x">', '']) {
    expect(posterMarkup(id)).toMatch(/^(<(path|circle)( (fill|d|cx|cy|r)="[#\w .-]*")+\/>)+$/)
  }
})

it('draws in whole numbers, so that it stays small', () => {
  for (const id of ids) {
    for (const kind of EventKind.enum) {
      expect(posterMarkup(id, kind)).not.toMatch(/\d\.\d/)
      expect(posterMarkup(id, kind).length).toBeLessThan(1_500)
    }
  }
})

it('is a file of its own for those who share a page', () => {
  expect(posterFile(ids[0]!, 'sport')).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 300 400"/)
})
