// The reference of row (i), in its own process: a bare Fastify that renders one page with React per request. It
// receives the page as HTML and builds React elements from it for every request, as components would. What
// needs no rendering (drawings, scripts) stays a string, as in our own pages.

import { readFile } from 'node:fs/promises'
import Fastify from 'fastify'
import { createElement, type ReactNode } from 'react'
import { renderToString } from 'react-dom/server'

type Node = string | { name: string; attributes: Record<string, string>; children: Node[]; raw: string | null }

const empty = new Set(['meta', 'link', 'input', 'br', 'hr', 'img'])
const raw = new Set(['svg', 'script', 'style', 'noscript'])
/** React's names for them. */
const renamed: Record<string, string> = { class: 'className', for: 'htmlFor' }

/** Parses React's output: well-formed, attributes in double quotes. */
function parse(html: string): Node {
  const root: Node & object = { name: 'root', attributes: {}, children: [], raw: null }
  const open = [root]
  const tags = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>|<!--.*?-->|<!DOCTYPE[^>]*>/gs
  let at = 0
  for (let tag = tags.exec(html); tag; tag = tags.exec(html)) {
    const [whole, closing, name = '', attributes = ''] = tag
    const text = html.slice(at, tag.index)
    if (text) open.at(-1)!.children.push(unescaped(text))
    at = tag.index + whole.length
    if (!name) continue
    if (closing) {
      open.pop()
      continue
    }
    const node: Node & object = { name, attributes: readAttributes(attributes), children: [], raw: null }
    open.at(-1)!.children.push(node)
    if (raw.has(name)) {
      const end = html.indexOf(`</${name}>`, at)
      node.raw = html.slice(at, end)
      at = end + name.length + 3
      tags.lastIndex = at
    } else if (!empty.has(name)) open.push(node)
  }
  return root.children.find((child) => typeof child === 'object')!
}

function readAttributes(text: string): Record<string, string> {
  const found = text.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [renamed[name] ?? name, unescaped(value)]))
}

const unescaped = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&')

function Element({ node }: { node: Exclude<Node, string> }): ReactNode {
  const { name, attributes, children } = node
  if (node.raw !== null) return createElement(name, { ...attributes, dangerouslySetInnerHTML: { __html: node.raw } })
  return createElement(
    name,
    { ...attributes },
    ...children.map((child) => (typeof child === 'string' ? child : createElement(Element, { node: child }))),
  )
}

const page = parse(await readFile(process.argv[2]!, 'utf8')) as Exclude<Node, string>
const app = Fastify()
app.get('/', (_request, reply) =>
  reply
    .type('text/html; charset=utf-8')
    .send(`<!DOCTYPE html>${renderToString(createElement(Element, { node: page }))}`),
)
console.log(await app.listen({ port: 0, host: '127.0.0.1' }))
