import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readText, root } from '../../infra-files.ts'
import { type Picture, readPng, sideBySide, writeApng } from './apng.ts'

/** A picture of one colour, with one pixel of another. */
function picture(width: number, height: number, at: { x: number; y: number } | null = null): Picture {
  const pixels = Buffer.alloc(width * height * 3, 200)
  if (at) pixels.fill(10, (at.y * width + at.x) * 3, (at.y * width + at.x) * 3 + 3)
  return { width, height, pixels }
}

/** The chunks of a PNG. */
function chunksOf(file: Buffer): { type: string; body: Buffer }[] {
  const chunks: { type: string; body: Buffer }[] = []
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    const length = file.readUInt32BE(at)
    chunks.push({ type: file.toString('latin1', at + 4, at + 8), body: file.subarray(at + 8, at + 8 + length) })
  }
  return chunks
}

describe('an animation', () => {
  const first = picture(6, 4)
  const film = writeApng([
    { picture: first, ms: 300 },
    { picture: first, ms: 200 },
    { picture: picture(6, 4, { x: 3, y: 2 }), ms: 100 },
  ])

  it('begins with its first picture, which is all that other readers see', () => {
    expect(readPng(film)).toEqual(first)
  })

  it('has of the next only what differs, and shows what stays the same for longer', () => {
    const chunks = chunksOf(film)
    expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'acTL', 'fcTL', 'IDAT', 'fcTL', 'fdAT', 'IEND'])
    const places = chunks.filter(({ type }) => type === 'fcTL').map(({ body }) => body)
    const of = (body: Buffer) => [...[4, 8, 12, 16].map((at) => body.readUInt32BE(at)), body.readUInt16BE(20)]
    expect(places.map(of)).toEqual([
      [6, 4, 0, 0, 500],
      [1, 1, 3, 2, 100],
    ])
  })

  it('is of two pictures side by side', () => {
    const both = sideBySide(picture(2, 2, { x: 1, y: 1 }), picture(2, 2, { x: 0, y: 0 }), 1)
    expect([both.width, both.height]).toEqual([5, 2])
    const reds = [...both.pixels].filter((_, index) => index % 3 === 0)
    expect(reds).toEqual([200, 200, 0x66, 10, 200, 200, 10, 0x66, 200, 200])
  })
})

it('a screenshot is read as it is: the pictures of the documents', () => {
  const { width, height, pixels } = readPng(readFileSync(join(root, 'docs/checkout.png')))
  expect(pixels.length).toBe(width * height * 3)
  expect(new Set(pixels.subarray(0, 3000)).size).toBeLessThan(50)
})

it('README begins with a film of less than 1.5 MB; "npm run recording" makes it', () => {
  const file = join(root, 'docs/race.png')
  expect(statSync(file).size).toBeLessThan(1.5 * 1024 * 1024)
  expect(chunksOf(readFileSync(file)).filter(({ type }) => type === 'fcTL').length).toBeGreaterThan(5)
  expect(readText('README.md').slice(0, 1200)).toContain('](docs/race.png)')
})
