// Traces: what each part of the system did for one click, and when. Off unless a collector is configured; while tracing
// is off, OpenTelemetry is not even loaded. The parent of a span is passed on explicitly (`traceparent`,
// https://www.w3.org/TR/trace-context/): in a header, in a message, in a row. Nothing is ambient.

import { noTracer, type Tracer, type TracerOptions } from './span.ts'

/** Opens the tracer of a part of the system. */
export async function openTracer(options: TracerOptions): Promise<Tracer> {
  if (options.endpoint === 'off') return noTracer
  const { openTelemetry } = await import('./open-telemetry.ts')
  return openTelemetry(options)
}
