// How a transaction asks for work that is done after its commit. The worker is in kit/work/.

import type { Static, TSchema } from 'typebox'

/** A kind of work, as a transaction knows it: its name and the schema of its data. */
export type WorkKind<D extends TSchema = TSchema> = { readonly kind: string; readonly data: D }

/** Work that was asked for. */
export type Asked = {
  readonly key: string
  /**
   * Resolves after the commit, once the work, and what `run` said follows from it, was attempted for the first time, or
   * this process has left it to another one or to later. Never rejects, and never resolves when the transaction is
   * rolled back.
   */
  readonly attempted: Promise<void>
}

/**
 * Asks for work of a kind. `key` says what for: work of the same kind and key is done once, and again only when it is
 * asked for after it has failed. `subject` is what the work is about, by default the key; the same work always has the
 * same. With `isDone` there is nothing left to do: the work is recorded as done, and never run. Resolves to null when
 * the same work was asked for before.
 * @throws when the key contains a colon, `data` does not match the kind's schema, or the service does not declare the
 *   kind
 */
export type Later = <D extends TSchema>(
  kind: WorkKind<D>,
  key: string,
  data: Static<D>,
  about?: { readonly subject?: string; readonly isDone?: boolean },
) => Promise<Asked | null>
