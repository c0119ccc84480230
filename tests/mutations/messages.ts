// Guards that keep messages whole, ordered, and applied once.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const messages: Mutation[] = [
  {
    guard: 'the inbox record',
    away: 'every message is taken for a new one',
    edits: [
      {
        file: 'kit/bus/cursor.ts',
        from: 'on conflict do nothing returning message_id',
        to: 'on conflict (message_id) do update set consumed_at = now() returning message_id',
      },
    ],
    seenBy: ['tests/reactions', 'kit/bus'],
  },
  {
    guard: 'what a batch that only writes assumes',
    away: 'a batch commits though another replica has taken it, or its messages were consumed before',
    edits: [
      {
        file: 'kit/bus/cursor.ts',
        from: 'select demand(exists (select from moved) and (select count(*) from fresh) = ${ids.length}::int,',
        to: 'select demand(${ids.length}::int >= 0,',
      },
    ],
    seenBy: ['kit/bus', 'tests/reactions'],
  },
  {
    guard: 'a look again at rows that are not readable yet',
    away: 'they wait for the next hint or poll',
    edits: [
      {
        file: 'kit/bus/outbox-log.ts',
        from: 'await pause.wait(isMore ? notReadableFor : pollMs)',
        to: 'await pause.wait(pollMs)',
      },
    ],
    seenBy: ['kit/bus/outbox-log'],
  },
  {
    guard: 'the version check of a mirror',
    away: 'payments takes any news of an order',
    edits: [{ file: 'services/payments/features/follow-order.ts', from: 'where o.version < excluded.version', to: '' }],
    seenBy: ['tests/reactions', 'tests/out-of-order'],
  },
  {
    guard: 'a connection that is lost is thrown away',
    away: "statements run in postgres.js's own pool",
    edits: [
      {
        file: 'kit/db/connect.ts',
        from: 'new Statement(write, connections.run)',
        to: 'new Statement(write, (write) => write(client))',
      },
    ],
    seenBy: ['kit/db/lost-connection'],
  },
  {
    guard: 'a connection that is reset serves no other caller',
    away: 'the next one gets it before it is closed',
    edits: [{ file: 'kit/db/connections.ts', from: 'if (isLost(error)) connection.lose()', to: '' }],
    seenBy: ['kit/db/lost-connection'],
  },
  {
    guard: 'a statement without an answer is ended by the client',
    away: 'a connection that falls silent is waited for',
    edits: [
      {
        file: 'kit/db/connections.ts',
        from: 'const watching = useWithinMs === null ? undefined',
        to: 'const watching = useWithinMs !== undefined ? undefined',
      },
    ],
    seenBy: ['kit/db/lost-connection'],
  },
  {
    guard: 'a wait leaves nothing behind',
    away: 'each wait is kept as long as its connection',
    edits: [{ file: 'kit/db/connections.ts', from: 'onLost.delete(reject)', to: '' }],
    seenBy: ['kit/db/lost-connection'],
  },
  {
    guard: 'the position of a reader carries its proof',
    away: 'a row with the same number is taken for the same message',
    edits: [
      {
        file: 'kit/bus/outbox-log.ts',
        from: 'if (row.isThere) return messageIdOf(row.message) === messageId || messageId === null',
        to: 'if (row.isThere) return true',
      },
    ],
    seenBy: ['kit/bus/postgres-bus'],
  },
  {
    guard: 'two readers cannot move one cursor',
    away: 'it is moved from wherever it is',
    edits: [
      {
        file: 'kit/bus/cursor.ts',
        from: 'where (c.xid, c.seq, c.epoch) = (${at.xid}::text::xid8, ${at.seq}::text::bigint, ${at.epoch}::float8::bigint)',
        to: 'where (${at.xid}::text, ${at.seq}::text, ${at.epoch}::float8) is not null',
      },
    ],
    seenBy: ['kit/bus/cursor'],
  },
  {
    guard: 'a mirror takes what is read again, whatever its version',
    away: 'only newer versions',
    edits: [
      { file: 'services/orders/features/follow-ticket.ts', from: ' or ${again}', to: '' },
      { file: 'services/payments/features/follow-order.ts', from: ' or ${again}', to: '' },
      { file: 'services/tickets/features/follow-user.ts', from: ' or ${again}', to: '' },
    ],
    seenBy: ['tests/read-again'],
  },
  {
    guard: 'a listener notices that messages are missing before the next one',
    away: 'it takes the next one',
    edits: [
      {
        file: 'kit/bus/nats-consumer.ts',
        from: "return follows !== null && isAfter(follows, from) ? 'missing' : 'next'",
        to: "return 'next'",
      },
    ],
    seenBy: ['kit/bus/nats-history', 'kit/bus/nats-broker'],
  },
  {
    guard: 'nothing is pruned that a listener has not read',
    away: 'age alone decides',
    edits: [
      {
        file: 'kit/boot/prune.ts',
        from: `            and not exists (select from outbox_listeners l where (l.xid, l.seq) <= (oldest.xid, oldest.seq))
`,
        to: '',
      },
    ],
    seenBy: ['kit/boot/prune'],
  },
  {
    guard: 'what is early waits by age',
    away: 'it is set aside for a person after as many tries as what fails',
    edits: [
      {
        file: 'kit/bus/consumer.ts',
        from: 'const parked = isEarly ? ageMs > earlyForMs : tries + 1 >= maxTries',
        to: 'const parked = tries + 1 >= maxTries',
      },
    ],
    seenBy: ['kit/bus/postgres-bus'],
  },
  {
    guard: 'others let go of what they hold for an order that is lost',
    away: 'nobody tells them that it is',
    edits: [
      {
        file: 'services/orders/features/decide-order.ts',
        from: 'tx.emit(OrderUnknown, orderId',
        to: 'if (orderId === null) tx.emit(OrderUnknown, orderId',
      },
    ],
    seenBy: ['tests/lost-orders'],
  },
]
