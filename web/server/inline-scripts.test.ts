import { expect, it } from 'vitest'
import { nameScripts } from './inline-scripts.ts'

const nonce = 'q8Zk3v+/1w=='
/** The output of `printf 'run()' | openssl dgst -sha256 -binary | base64`. */
const run = "'sha256-AvyuiL0SD1mVY3NNxR+V2uo+lhk6RMFrytWmRt6CrJQ='"

it('inline scripts of the renderer are allowed by what is in them, and the nonce is gone', () => {
  const named = nameScripts(
    `<p>one</p><script nonce="${nonce}">run()</script><script type="module" nonce="${nonce}" src="/a.js"></script>`,
    nonce,
  )
  expect(named?.page).toBe('<p>one</p><script>run()</script><script type="module" src="/a.js"></script>')
  expect(named?.sources).toEqual([run])
})

it('a script that somebody else brought into the page is not allowed', () => {
  const named = nameScripts(`<script>steal()</script><script nonce="guessed">steal()</script>`, nonce)
  expect(named?.sources).toEqual([])
})

it('a block of data needs no permission', () => {
  expect(nameScripts(`<script type="application/ld+json" nonce="${nonce}">{}</script>`, nonce)?.sources).toEqual([])
})

it('a page that says its nonce elsewhere is not kept', () => {
  expect(nameScripts(`<p>${nonce}</p>`, nonce)).toBeNull()
})
