// Structured logs, one JSON object a line, on standard output.

import { type Logger, pino } from 'pino'

export type Log = Logger

/** Secrets that a careless log line could carry. */
const redact = ['req.headers.cookie', 'req.headers.authorization', 'password', 'currentPassword', 'token']

export function createLog(service: string, level: string): Log {
  return pino({ level, base: { service }, redact, timestamp: pino.stdTimeFunctions.isoTime })
}
