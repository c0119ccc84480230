// Moving pictures as animated PNG, which every browser shows: https://www.w3.org/TR/png-3/#apng-frame-based-animation.
// Each frame stores only the rectangle that differs from the one before.

import { crc32, deflateSync, inflateSync } from 'node:zlib'

/** `pixels` are rows of red, green and blue. */
export type Picture = { width: number; height: number; pixels: Buffer }
/** `ms` is how long it is shown. */
export type Frame = { picture: Picture; ms: number }
type Rectangle = { x: number; y: number; width: number; height: number }

const signature = Buffer.from('89504e470d0a1a0a', 'hex')
const samples = 3

/** Reads a PNG as Chromium makes its screenshots: eight bits, RGB, not interlaced. */
export function readPng(file: Buffer): Picture {
  const data: Buffer[] = []
  let picture: Picture | undefined
  for (let at = signature.length; at < file.length; ) {
    const length = file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    const body = file.subarray(at + 8, at + 8 + length)
    if (type === 'IHDR') {
      if (body.readUInt32BE(8) !== 0x08_02_00_00) throw new Error('This PNG is not of eight bits in RGB.')
      const [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)]
      picture = { width, height, pixels: Buffer.alloc(width * height * samples) }
    }
    if (type === 'IDAT') data.push(body)
    at += length + 12
  }
  if (!picture) throw new Error('This is no PNG.')
  unfilter(inflateSync(Buffer.concat(data)), picture)
  return picture
}

/** Undoes the filter of each row: https://www.w3.org/TR/png-3/#9Filters. */
function unfilter(filtered: Buffer, { width, height, pixels }: Picture): void {
  const row = width * samples
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (row + 1)]!
    for (let x = 0; x < row; x++) {
      const at = y * row + x
      const left = x < samples ? 0 : pixels[at - samples]!
      const above = y === 0 ? 0 : pixels[at - row]!
      const corner = x < samples || y === 0 ? 0 : pixels[at - row - samples]!
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter]!
      pixels[at] = filtered[y * (row + 1) + 1 + x]! + guess
    }
  }
}

function paeth(left: number, above: number, corner: number): number {
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((one) => Math.abs(left + above - corner - one))
  if (toLeft! <= toAbove! && toLeft! <= toCorner!) return left
  return toAbove! <= toCorner! ? above : corner
}

/** Two pictures of one height, with a gap of `gap` pixels in between. */
export function sideBySide(one: Picture, other: Picture, gap: number): Picture {
  const width = one.width + gap + other.width
  const pixels = Buffer.alloc(width * one.height * samples, 0x66)
  for (let y = 0; y < one.height; y++) {
    one.pixels.copy(pixels, y * width * samples, y * one.width * samples, (y + 1) * one.width * samples)
    const start = (y * width + one.width + gap) * samples
    other.pixels.copy(pixels, start, y * other.width * samples, (y + 1) * other.width * samples)
  }
  return { width, height: one.height, pixels }
}

/** Writes an animation that repeats for ever. A frame that shows nothing new lengthens the one before it. */
export function writeApng(frames: readonly Frame[]): Buffer {
  const shown: (Frame & { part: Rectangle })[] = []
  for (const { picture, ms } of frames) {
    const before = shown.at(-1)
    const part = before ? difference(before.picture, picture) : { x: 0, y: 0, ...sizeOf(picture) }
    if (part) shown.push({ picture, ms, part })
    else if (before) before.ms += ms
  }
  const { width, height } = shown[0]!.part
  let sequence = 0
  return Buffer.concat([
    signature,
    chunk('IHDR', numbers(width, height), Buffer.from([8, 2, 0, 0, 0])),
    chunk('acTL', numbers(shown.length, 0)),
    ...shown.flatMap(({ picture, ms, part }, index) => {
      const place = numbers(sequence++, part.width, part.height, part.x, part.y)
      const control = chunk('fcTL', place, Buffer.from([ms >> 8, ms & 255, 1000 >> 8, 1000 & 255, 0, 0]))
      const data = deflateSync(rowsOf(picture, part), { level: 9 })
      return [control, index === 0 ? chunk('IDAT', data) : chunk('fdAT', numbers(sequence++), data)]
    }),
    chunk('IEND'),
  ])
}

const sizeOf = ({ width, height }: Picture) => ({ width, height })

/** The smallest rectangle in which two pictures differ, or null. */
function difference(one: Picture, other: Picture): Rectangle | null {
  let [left, top, right, bottom] = [one.width, one.height, -1, -1]
  const row = one.width * samples
  for (let y = 0; y < one.height; y++) {
    const [start, end] = [y * row, (y + 1) * row]
    if (one.pixels.compare(other.pixels, start, end, start, end) === 0) continue
    const differs = (x: number) => one.pixels[start + x] !== other.pixels[start + x]
    let [first, last] = [0, row - 1]
    while (!differs(first)) first++
    while (!differs(last)) last--
    left = Math.min(left, Math.floor(first / samples))
    right = Math.max(right, Math.floor(last / samples))
    top = Math.min(top, y)
    bottom = y
  }
  return right < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}

/** The rows of a part, each after the number of its filter: none. */
function rowsOf({ width, pixels }: Picture, part: Rectangle): Buffer {
  const rows = Array.from({ length: part.height }, (_, y) => {
    const start = ((part.y + y) * width + part.x) * samples
    return [Buffer.from([0]), pixels.subarray(start, start + part.width * samples)]
  })
  return Buffer.concat(rows.flat())
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
  return bytes
}

function chunk(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...parts])
  return Buffer.concat([numbers(body.length - 4), body, numbers(crc32(body))])
}
