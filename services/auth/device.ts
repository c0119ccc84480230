// What a person calls the device they are signed in on: "Firefox, Windows". The rest of the User-Agent is not
// stored.

/** The order matters: Edge and Opera claim to be Chrome, and Chrome claims to be Safari. */
const browsers: readonly [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\b(OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
]
/** The order matters: Android claims to be Linux; iPhone and iPad claim to be like a Mac. */
const systems: readonly [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]
const longest = 40

/** The name of the device that sends `userAgent`, at most 40 characters; null if it contains nothing usable. */
export function nameDevice(userAgent: string | null): string | null {
  if (!userAgent) return null
  const found = [browsers, systems].map((table) => table.find(([pattern]) => pattern.test(userAgent))?.[1])
  const known = found.filter((name) => name !== undefined).join(', ')
  if (known !== '') return known
  // A program, such as curl/8.5.0: its name without the version.
  const program = /^[\w.-]+/.exec(userAgent)?.[0].slice(0, longest)
  return program ?? null
}
