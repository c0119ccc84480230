// A guard, how to remove it, and which tests should notice.

/** Replaces the first `from` in `file` by `to`. */
export type Edit = { file: string; from: string; to: string }

export type Mutation = {
  guard: string
  away: string
  edits: Edit[]
  /** The test files or folders that should notice; or random histories, from a seed on. */
  seenBy: string[] | { histories: { from: number; count: number } }
}
