// A piece of work, as a trace knows it, and what it is recorded with.

export type SpanKind = 'server' | 'client' | 'consumer' | 'internal'
export type Attributes = Readonly<Record<string, string | number | boolean>>

export type SpanOptions = {
  readonly kind: SpanKind
  /** The span that this one is of, as its `traceparent`. Without it, or when it cannot be read, a trace begins. */
  readonly parent?: string | null | undefined
  /** A span of another trace that has to do with this one, as its `traceparent`. */
  readonly link?: string | null | undefined
  readonly attributes?: Attributes
}

/** A piece of work. It is sent when it has ended, and never when it does not. */
export type Span = {
  /** For whoever does a part of this work. Where nothing is traced it is the parent's, so that a part that does not trace breaks no trace. */
  readonly traceparent: string | undefined
  set(name: string, value: string | number | boolean): void
  /** Names a span of another trace that has to do with this one, as its `traceparent`. */
  link(traceparent: string | null | undefined): void
  /** Says that the work did not succeed, and why. */
  fail(error: unknown): void
  end(): void
}

export type Tracer = {
  startSpan(name: string, options: SpanOptions): Span
  /** Sends what has ended, for a few seconds at the most, and stops. */
  close(): Promise<void>
}

export type TracerOptions = {
  /** Who does the work: `service.name`. */
  readonly service: string
  /** Where the collector takes OTLP over HTTP, without /v1/traces; or off. */
  readonly endpoint: string
  /** The share of traces that begin here and are sent, 0 to 1. Of a trace that began elsewhere its beginning decides. */
  readonly ratio: number
  /** Called when spans could not be sent, once a minute at the most. They are lost; nothing else is. */
  readonly lost: (error: Error) => void
}

const nothing = () => {}

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
