// A page that is sent many times cannot use a nonce, which must be unique per response. Its inline scripts are
// allowed by the hashes of their content instead: exactly these may run, and seeing the page does not help to
// get another one to run.

import { createHash } from 'node:crypto'

/**
 * The page without `nonce`, and the sources its policy must list. Only scripts that carry the nonce were
 * written by the renderer and are listed; anything else that looks like a script stays forbidden. Null if the
 * nonce occurs anywhere else in the page.
 */
export function nameScripts(page: string, nonce: string): { page: string; sources: string[] } | null {
  const mark = ` nonce="${nonce}"`
  const sources = new Set<string>()
  for (const [, attributes = '', script = ''] of page.matchAll(/<script\b([^>]*)>(.*?)<\/script>/gs)) {
    // A data block, or a script with a file, is not an inline script.
    if (!attributes.includes(mark) || script === '' || attributes.includes('type="application/')) continue
    sources.add(`'sha256-${createHash('sha256').update(script).digest('base64')}'`)
  }
  const bare = page.replaceAll(mark, '')
  return bare.includes(nonce) ? null : { page: bare, sources: [...sources] }
}
