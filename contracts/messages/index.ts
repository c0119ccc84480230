// Every message type: for documents, golden files and tools.

import type { Message } from '../message.ts'
import * as auth from './auth.ts'
import * as expiration from './expiration.ts'
import * as notices from './notices.ts'
import * as orders from './orders.ts'
import * as payments from './payments.ts'
import * as tickets from './tickets.ts'

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && 'source' in value && 'data' in value

export const messages: readonly Message[] = [auth, tickets, orders, expiration, payments, notices].flatMap((module) =>
  Object.values<unknown>(module).filter(isMessage),
)
