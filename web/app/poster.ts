// A poster without a photograph: a few large shapes, chosen by the event's id, in the colours of its kind. An
// event has the same poster everywhere.

import type { TicketEvent } from '@aisle/contracts/entities'

type Kind = NonNullable<TicketEvent['kind']>
type Palette = { ground: string; shapes: readonly [string, string, string] }

export const posterWidth = 300
export const posterHeight = 400

/** Two palettes per kind, so that a page of concerts is not all one colour. */
const palettes: Record<Kind, readonly [Palette, Palette]> = {
  concert: [
    { ground: '#1F2A44', shapes: ['#E8B04A', '#D9573F', '#F3E9D8'] },
    { ground: '#E7DCC8', shapes: ['#1F2A44', '#C8442F', '#E8B04A'] },
  ],
  theatre: [
    { ground: '#7A1022', shapes: ['#F0C9A4', '#2A0E12', '#D98A5B'] },
    { ground: '#EFE3D2', shapes: ['#7A1022', '#2B2320', '#C98B4E'] },
  ],
  sport: [
    { ground: '#1D5A45', shapes: ['#F2EBDD', '#E0B93C', '#0E2F25'] },
    { ground: '#D8E0CB', shapes: ['#1D5A45', '#D8622F', '#16352A'] },
  ],
  comedy: [
    { ground: '#E2A12F', shapes: ['#2C2118', '#F6EBD6', '#B8452C'] },
    { ground: '#F3E4C3', shapes: ['#B8452C', '#2F5D62', '#2C2118'] },
  ],
  festival: [
    { ground: '#2F5D62', shapes: ['#F1B24A', '#E2704A', '#F4EAD7'] },
    { ground: '#F0D9B8', shapes: ['#2F5D62', '#C6403A', '#E9A23B'] },
  ],
  other: [
    { ground: '#45405A', shapes: ['#EADFCB', '#D08C60', '#7C86A6'] },
    { ground: '#E5DED3', shapes: ['#45405A', '#A8583E', '#8A8F7A'] },
  ],
}

/**
 * The content of the poster's `<svg viewBox="0 0 300 400">`. Built only from numbers and colours defined here,
 * so it is safe to embed in a page.
 */
export function posterMarkup(id: string, kind: Kind = 'other'): string {
  const chance = numbersFrom(id)
  const palette = palettes[kind][chance() < 0.55 ? 0 : 1]
  const composition = compositions[Math.floor(chance() * compositions.length)]!
  return `<path fill="${palette.ground}" d="M0 0h300v400H0z"/>${composition(chance, palette.shapes)}`
}

/** The poster as a separate file. */
export function posterFile(id: string, kind?: Kind): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${posterWidth} ${posterHeight}" width="${posterWidth * 3}" height="${posterHeight * 3}">${posterMarkup(id, kind)}</svg>`
}

type Composition = (chance: () => number, colours: Palette['shapes']) => string

const between = (chance: () => number, low: number, high: number) => Math.round(low + chance() * (high - low))
const circle = (x: number, y: number, r: number, fill: string) =>
  `<circle cx="${x}" cy="${y}" r="${Math.round(r)}" fill="${fill}"/>`
const path = (d: string, fill: string) => `<path fill="${fill}" d="${d}"/>`

/** A sun over hills. */
const horizon: Composition = (chance, [a, b, c]) => {
  const y = between(chance, 210, 270)
  const x = between(chance, 70, 230)
  return (
    circle(x, y - between(chance, 20, 70), between(chance, 70, 105), a) +
    path(`M0 ${y}Q${between(chance, 60, 140)} ${y - between(chance, 40, 90)} 300 ${y + 20}V400H0z`, b) +
    path(`M0 ${y + 70}Q${between(chance, 160, 240)} ${y + between(chance, 0, 40)} 300 ${y + 90}V400H0z`, c)
  )
}

/** Nested arches. */
const arches: Composition = (chance, [a, b, c]) => {
  const x = between(chance, 110, 190)
  const step = between(chance, 30, 40)
  const arch = (r: number, fill: string) => {
    const top = 400 - between(chance, 150, 170) - r
    return path(`M${x - r} 400V${top}a${r} ${r} 0 0 1 ${2 * r} 0V400z`, fill)
  }
  return arch(Math.round(step * 3.5), a) + arch(Math.round(step * 2.3), b) + arch(Math.round(step * 1.15), c)
}

/** Rays from a corner or from the edge of the stage. */
const rays: Composition = (chance, [a, b, c]) => {
  const x = chance() < 0.5 ? 0 : 300
  const away = x === 0 ? 1 : -1
  const wedge = (from: number, to: number, fill: string) => {
    const at = (angle: number) => `${Math.round(x + away * 640 * Math.sin(angle))} ${Math.round(640 * Math.cos(angle))}`
    return path(`M${x} 0L${at(from)}L${at(to)}z`, fill)
  }
  const turn = chance() * 0.18
  return (
    wedge(0.06 + turn, 0.3 + turn, a) +
    wedge(0.52 + turn, 0.74 + turn, b) +
    circle(x + away * between(chance, 90, 170), between(chance, 270, 330), between(chance, 34, 52), c)
  )
}

/** Stacked half circles, each turned its own way. */
const halves: Composition = (chance, colours) => {
  const first = between(chance, 0, 2)
  const rows = chance() < 0.5 ? 2 : 3
  const r = rows === 2 ? between(chance, 92, 118) : between(chance, 66, 80)
  const drawn = Array.from({ length: rows }, (_, row) => {
    const isUp = chance() < 0.5
    const y = Math.round(((row + 0.5) * 400) / rows + (isUp ? r / 2 : -r / 2))
    const x = between(chance, r - 30, 330 - r)
    return path(`M${x - r} ${y}a${r} ${r} 0 0 ${isUp ? 1 : 0} ${2 * r} 0z`, colours[(first + row) % 3]!)
  })
  return drawn.join('')
}

/** Rings around a point near the edge, like sound or a running track. */
const rings: Composition = (chance, [a, b, c]) => {
  const x = between(chance, 20, 280)
  const y = chance() < 0.5 ? between(chance, 30, 110) : between(chance, 290, 370)
  const step = between(chance, 46, 62)
  return (
    circle(x, y, step * 4.4, a) + circle(x, y, step * 3.2, b) + circle(x, y, step * 2, c) + circle(x, y, step * 0.9, b)
  )
}

/** Quarter circles on a grid, like a tiled foyer. */
const tiles: Composition = (chance, colours) => {
  const side = 100
  let drawn = ''
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 3; x++) {
      if (chance() < 0.3) continue
      const [left, top, right, bottom] = [x * side, y * side, (x + 1) * side, (y + 1) * side]
      const corners = [
        `M${left} ${top}H${right}A${side} ${side} 0 0 1 ${left} ${bottom}z`,
        `M${right} ${top}V${bottom}A${side} ${side} 0 0 1 ${left} ${top}z`,
        `M${right} ${bottom}H${left}A${side} ${side} 0 0 1 ${right} ${top}z`,
        `M${left} ${bottom}V${top}A${side} ${side} 0 0 1 ${right} ${bottom}z`,
      ]
      drawn += path(corners[between(chance, 0, 3)]!, colours[between(chance, 0, 2)]!)
    }
  }
  return drawn
}

/** A sound wave: bars around the middle, each as long as its moment is loud. */
const wave: Composition = (chance, colours) => {
  const first = between(chance, 0, 2)
  const drawn = Array.from({ length: 7 }, (_, index) => {
    const half = between(chance, 30, 150)
    const left = 17 + index * 40
    return path(
      `M${left} ${200 - half}a13 13 0 0 1 26 0V${200 + half}a13 13 0 0 1 -26 0z`,
      colours[(first + index) % 3]!,
    )
  })
  return drawn.join('')
}

/** One large disc crossed by a stripe. */
const eclipse: Composition = (chance, [a, b, c]) => {
  const x = between(chance, 110, 190)
  const y = between(chance, 150, 240)
  const lean = between(chance, -50, 50)
  return (
    circle(x, y, between(chance, 100, 130), a) +
    circle(x + between(chance, -46, 46), y + between(chance, 16, 60), between(chance, 54, 74), b) +
    path(`M0 ${320 + lean}L300 ${320 - lean}V${352 - lean}L0 ${352 + lean}z`, c)
  )
}

const compositions: readonly Composition[] = [horizon, arches, rays, halves, wave, eclipse, rings, tiles]

/**
 * An endless sequence of numbers from 0 to 1, the same for the same text (FNV-1a as the seed, mulberry32 as the
 * sequence).
 */
function numbersFrom(text: string): () => number {
  let state = 0x811c9dc5
  for (const letter of text) state = Math.imul(state ^ letter.codePointAt(0)!, 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
