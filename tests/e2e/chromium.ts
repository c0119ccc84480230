// The browser that the tests drive: the machine's own, because none is downloaded.

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The path of Chromium, or undefined. */
export const findChromium = (): string | undefined => [process.env.CHROMIUM ?? '', ...usual].find(existsSync)

export const noChromium = `No Chromium at ${usual.join(', ')}: install Debian's package chromium, or set CHROMIUM to where it is.`

export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error(noChromium)
  return chromium.launch({
    executablePath,
    args: [
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-gpu',
      '--disable-quic',
      '--disable-sync',
      '--no-first-run',
      // Chromium has no sandbox for root, which CI runs as.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  })
}
