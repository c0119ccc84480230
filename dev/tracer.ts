// Traces of the parts that are not services.

import { readConfig, tracingConfig } from '@aisle/kit/config'
import type { Log } from '@aisle/kit/log'
import type { Tracer } from '@aisle/tracing/span'
import { openTracer } from '@aisle/tracing/tracer'

/** The tracer of a part that is not a service, configured like the services. */
export function tracerOf(
  part: string,
  config: Readonly<Record<string, string | number>> = {},
  log: Log,
): Promise<Tracer> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: ratio } = readConfig(tracingConfig, config)
  const lost = (error: Error) => log.warn({ err: error, service: part }, 'could not send traces')
  return openTracer({ service: part, endpoint, ratio, lost })
}
