// Structured logs on standard output, one JSON object per line.

import { type Logger, pino } from 'pino'

export type Log = Logger

/** Secrets that a careless log line could carry; the detail of a database error is the row that it failed on. */
const redact = ['err.detail', 'req.headers.cookie', 'req.headers.authorization', 'password', 'currentPassword', 'token']

/**
 * A logger for `service`; `level` is the lowest severity that is logged. The lines go to standard output or, with
 * `write`, there.
 */
export function createLog(service: string, level: string, write?: (line: string) => void): Log {
  const options = { level, base: { service }, redact, timestamp: pino.stdTimeFunctions.isoTime }
  return write ? pino(options, { write }) : pino(options)
}
