// Every change of a ticket's status: what docs/states.md draws.

import { moves } from './ticket.ts'

export const ticketMoves = Object.entries(moves).map(([by, { from, to }]) => ({ from, to, by }))
