// Reads application/x-www-form-urlencoded with Stripe's bracket nesting: metadata[order_id]=1, expand[]=a,
// expand[0]=a.
//
// Every level is an object without a prototype, lists included (their keys are '0', '1', ...), so a key named
// __proto__ or constructor is an ordinary key and cannot reach Object.prototype.

/** An input value: text, or a level of nested keys. */
export type FormValue = string | FormTree
/** One level of keys; it has no prototype. */
export interface FormTree {
  [key: string]: FormValue
}

/** Thrown for malformed input; the message is meant for the caller. */
export class FormError extends Error {}

// The parts of Stripe's API that we use nest three levels deep; the limits only bound the work a hostile body
// can cause.
const maxDepth = 8
const maxPairs = 1000

/** Parses a form body or a query string; throws FormError on malformed text. */
export function parseForm(text: string): FormTree {
  const root = emptyTree()
  if (text === '') return root
  const pairs = text.split('&')
  if (pairs.length > maxPairs) throw new FormError(`The request has more than ${maxPairs} parameters.`)
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1))
    place(root, splitName(name), value, name)
  }
  return root
}

/** A level with no keys and no prototype. */
export function emptyTree(): FormTree {
  return Object.create(null) as FormTree
}

/** The same text for the same parameters in any order. An idempotency key is bound to it. */
export function canonicalForm(tree: FormTree): string {
  const keys = Object.keys(tree).sort()
  const parts = keys.map((key) => {
    const value = tree[key]!
    return `${JSON.stringify(key)}:${typeof value === 'string' ? JSON.stringify(value) : canonicalForm(value)}`
  })
  return `{${parts.join(',')}}`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new FormError(`The request has malformed percent-encoding in '${text.slice(0, 40)}'.`)
  }
}

// 'a[b][]' -> ['a', 'b', '']
function splitName(name: string): string[] {
  const bracket = name.indexOf('[')
  if (bracket === -1) return [name]
  const path = [name.slice(0, bracket)]
  const rest = name.slice(bracket)
  if (!/^(\[[^[\]]*\])+$/.test(rest)) throw new FormError(`Invalid parameter name '${name.slice(0, 40)}'.`)
  for (const part of rest.slice(1, -1).split('][')) path.push(part)
  if (path.length > maxDepth) throw new FormError(`The parameter '${path[0]}' is nested too deeply.`)
  return path
}

function place(root: FormTree, path: string[], value: string, name: string): void {
  let level = root
  for (const [depth, part] of path.entries()) {
    const key = part === '' && depth > 0 ? String(Object.keys(level).length) : part
    const present = level[key]
    if (depth === path.length - 1) {
      if (typeof present === 'object') throw new FormError(`The parameter '${name}' is both a value and a hash.`)
      level[key] = value
      return
    }
    if (typeof present === 'string') throw new FormError(`The parameter '${name}' is both a value and a hash.`)
    const next = present ?? emptyTree()
    level[key] = next
    level = next
  }
}
