// The tracer over OpenTelemetry's SDK, which samples, batches and sends.

import {
  type Context,
  SpanKind as Kind,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { ExportResultCode, parseTraceParent } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Span, SpanKind, Tracer, TracerOptions } from './span.ts'

const sendEveryMs = 1_000
const sendWithinMs = 5_000
const closeWithinMs = 1_500
/**
 * Maximum number of waiting spans: some ten seconds of a full on-sale. While the collector is slow, further spans
 * are dropped.
 */
const mostWaiting = 20_000
const complainEveryMs = 60_000

const kinds: Record<SpanKind, Kind> = {
  server: Kind.SERVER,
  client: Kind.CLIENT,
  consumer: Kind.CONSUMER,
  internal: Kind.INTERNAL,
}

/** Opens a tracer that sends spans to the collector at `endpoint`, about every second. */
export function openTelemetry({ service, endpoint, ratio, lost }: TracerOptions): Tracer {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: sendWithinMs,
  })
  const sender = complaining(exporter, lost)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'aisle' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: sender,
        scheduledDelayMillis: sendEveryMs,
        maxQueueSize: mostWaiting,
      }),
    ],
  })
  const tracer = provider.getTracer('aisle')
  return {
    startSpan: (name, { kind, parent, link, attributes }) => {
      const span = spanOf(
        tracer.startSpan(name, { kind: kinds[kind], ...(attributes ? { attributes } : {}) }, contextOf(parent)),
      )
      span.link(link)
      return span
    },
    async close() {
      // A collector that does not answer must not delay the stop.
      if (sender.isFailing()) return void provider.shutdown().catch(() => {})
      const { promise: impatience, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, closeWithinMs)
      await Promise.race([provider.shutdown().catch(() => {}), impatience])
      clearTimeout(timer)
    },
  }
}

function contextOf(parent: string | null | undefined): Context {
  const known = parent ? parseTraceParent(parent) : null
  return known ? trace.setSpanContext(ROOT_CONTEXT, { ...known, isRemote: true }) : ROOT_CONTEXT
}

function spanOf(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    set: (name, value) => void span.setAttribute(name, value),
    link(traceparent) {
      const context = traceparent ? parseTraceParent(traceparent) : null
      if (context) span.addLink({ context })
    },
    fail(error) {
      const message = error instanceof Error ? error.message : String(error)
      span.setStatus({ code: SpanStatusCode.ERROR, message })
    },
    end: () => span.end(),
  }
}

/** Reports when spans could not be sent, at most once a minute; the SDK does not report it. */
function complaining(exporter: SpanExporter, lost: TracerOptions['lost']): SpanExporter & { isFailing(): boolean } {
  let complainedAt = Number.NEGATIVE_INFINITY
  let failing = false
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        failing = result.code !== ExportResultCode.SUCCESS
        if (failing && performance.now() - complainedAt > complainEveryMs) {
          complainedAt = performance.now()
          lost(result.error ?? new Error('the collector did not take them'))
        }
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    isFailing: () => failing,
  }
}
