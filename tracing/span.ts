// A piece of work in a trace, and how it is recorded.

export type SpanKind = 'server' | 'client' | 'consumer' | 'internal'
export type Attributes = Readonly<Record<string, string | number | boolean>>

export type SpanOptions = {
  readonly kind: SpanKind
  /** The parent of this span, as its `traceparent`. Without it, or when it cannot be read, a new trace begins. */
  readonly parent?: string | null | undefined
  /** A related span of another trace, as its `traceparent`. */
  readonly link?: string | null | undefined
  readonly attributes?: Attributes
}

/** A piece of work. It is sent when it has ended, and never if it does not end. */
export type Span = {
  /**
   * For those that do a part of this work. Where tracing is off it is the parent's, so that a part that does not
   * trace breaks no trace.
   */
  readonly traceparent: string | undefined
  set(name: string, value: string | number | boolean): void
  /** Links a related span of another trace, by its `traceparent`. */
  link(traceparent: string | null | undefined): void
  /** Records that the work failed, and why. */
  fail(error: unknown): void
  end(): void
}

export type Tracer = {
  startSpan(name: string, options: SpanOptions): Span
  /** Sends the spans that have ended, for at most a few seconds, and stops. */
  close(): Promise<void>
}

export type TracerOptions = {
  /** The service that does the work: `service.name`. */
  readonly service: string
  /** Where the collector takes OTLP over HTTP, without /v1/traces; or off. */
  readonly endpoint: string
  /**
   * The fraction of the traces beginning here that is sent, 0 to 1. For a trace that began elsewhere, its beginning
   * decides.
   */
  readonly ratio: number
  /** Called at most once a minute when spans could not be sent. Those spans are lost; nothing else is. */
  readonly lost: (error: Error) => void
}

const nothing = () => {}

/** Tracing switched off: every span is its parent, and nothing is recorded. */
export const noTracer: Tracer = {
  startSpan: (_name, { parent }) => ({
    traceparent: parent ?? undefined,
    set: nothing,
    link: nothing,
    fail: nothing,
    end: nothing,
  }),
  close: async () => {},
}
