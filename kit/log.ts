// Structured logs, one JSON object a line, on standard output.

import { type Logger, pino } from 'pino'

export type Log = Logger

/** Secrets that a careless log line could carry; the detail of a database error is the row that it failed on. */
const redact = ['err.detail', 'req.headers.cookie', 'req.headers.authorization', 'password', 'currentPassword', 'token']

export function createLog(service: string, level: string): Log {
  return pino({ level, base: { service }, redact, timestamp: pino.stdTimeFunctions.isoTime })
}
