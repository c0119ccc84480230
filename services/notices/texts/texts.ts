// What every language must be able to say. A language that lacks a text does not compile.

import type { Kind } from '../kinds.ts'
import type { Params, SoldTicket } from '../rules.ts'
import type { Format } from './format.ts'

/** A notice in words. The product shows the title and the text; the mail shows all of it. */
export type Said = {
  /** The subject of the mail. */
  readonly title: string
  readonly text: string
  /** Further paragraphs, in the mail alone. */
  readonly more?: readonly string[]
  readonly facts?: readonly (readonly [label: string, value: string])[]
  /** The one button: a path of the site. */
  readonly action?: { readonly text: string; readonly path: string }
}

/** What a text is made of. `token` is the secret of a link. */
export type Told = Params & Partial<AboutOrder> & { readonly token?: string | null }
export type AboutOrder = {
  readonly orderId: string | null
  readonly orderNumber: string | null
  readonly ticket: SoldTicket | null
}

export type Texts = {
  readonly greeting: (name: string | null) => string
  /** Why the person gets the mail. */
  readonly because: string
  readonly choose: string
  readonly unsubscribe: string
  readonly linkBelow: string
  readonly kinds: Readonly<Record<Kind, string>>
  readonly say: Readonly<Record<Kind, (told: Told, format: Format) => Said>>
}
