// Traces: what each part did about one click, and when. Off unless there is somebody to send them to; then nothing of OpenTelemetry is even loaded.
// What a span is of is handed on in words (`traceparent`, https://www.w3.org/TR/trace-context/): in a header, in a message, in a row. Nothing is ambient.

import { noTracer, type Tracer, type TracerOptions } from './span.ts'

/** Opens the tracer of a part of the system. */
export async function openTracer(options: TracerOptions): Promise<Tracer> {
  if (options.endpoint === 'off') return noTracer
  const { openTelemetry } = await import('./open-telemetry.ts')
  return openTelemetry(options)
}
