// A QR code as the path of an inline SVG, drawn on the server: no script, no picture from elsewhere.

import encodeQR from 'qr'

/** Modules around the code that a reader needs (ISO/IEC 18004). */
const quietZone = 4

export type QrCode = { readonly size: number; readonly path: string }

export function drawQrCode(text: string): QrCode {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: quietZone })
  const squares = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return { size: rows.length, path: squares.join('') }
}
