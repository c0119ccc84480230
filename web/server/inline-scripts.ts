// A page that is sent many times cannot have a nonce, which is worth something only once. Its inline scripts are allowed by the hashes of what is in them
// instead: exactly these may run, and whoever has seen the page has learned nothing that would let another one run.

import { createHash } from 'node:crypto'

/**
 * The page without `nonce`, and the sources that its policy must name. Only scripts that carry the nonce were put there by the renderer and are named;
 * anything else that looks like a script stays forbidden. Null when the nonce is anywhere else in the page.
 */
export function nameScripts(page: string, nonce: string): { page: string; sources: string[] } | null {
  const mark = ` nonce="${nonce}"`
  const sources = new Set<string>()
  for (const [, attributes = '', script = ''] of page.matchAll(/<script\b([^>]*)>(.*?)<\/script>/gs)) {
    // A block of data, or one that names a file, is no inline script.
    if (!attributes.includes(mark) || script === '' || attributes.includes('type="application/')) continue
    sources.add(`'sha256-${createHash('sha256').update(script).digest('base64')}'`)
  }
  const bare = page.replaceAll(mark, '')
  return bare.includes(nonce) ? null : { page: bare, sources: [...sources] }
}
