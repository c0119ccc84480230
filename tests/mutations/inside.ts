// Guards that isolate the services from each other.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const inside: Mutation[] = [
  {
    guard: 'a service publishes on the broker under its own name only',
    away: 'every subject of the namespace is its own',
    edits: [
      {
        file: 'kit/bus/nats-rights.ts',
        from: '...subjectsOf(namespace, name),',
        to: '`${namespace}.>`,',
      },
    ],
    seenBy: ['kit/bus/nats-rights', 'tests/secure-links'],
  },
  {
    guard: 'what the broker copies to the stream of another is refused',
    away: 'it is taken for the publisher’s',
    edits: [
      {
        file: 'kit/bus/nats-stream.ts',
        from: 'return headers.has(copiedHeader) || (',
        to: 'return (',
      },
    ],
    seenBy: ['kit/bus/nats-rights'],
  },
  {
    guard: 'a database that our authority does not know is not spoken to',
    away: 'any certificate does',
    edits: [
      {
        file: 'kit/db/client.ts',
        from: "return { ssl: ca && ca !== 'system' ?",
        to: "return { ssl: ca && ca !== 'system' ? 'require' as unknown as object : ca ?",
      },
    ],
    seenBy: ['tests/secure-links'],
  },
  {
    guard: 'PostgreSQL hears nobody in plain text',
    away: 'both ways are open',
    edits: [{ file: 'infra/postgres/pg_hba.conf', from: 'hostssl  all', to: 'host  all' }],
    seenBy: ['tests/secure-links'],
  },
  {
    guard: 'a roll-out ends when a migration has failed',
    away: 'it waits for all to be complete',
    edits: [{ file: 'infra/k8s/roll-out.sh', from: '\\bFailed\\b', to: '\\bLost\\b' }],
    seenBy: ['tests/workflows'],
  },
  {
    guard: 'secrets are files of their owner alone',
    away: 'everybody may read them',
    edits: [{ file: 'infra/make-secrets.ts', from: '0o644 : 0o600', to: '0o644 : 0o644' }],
    seenBy: ['tests/infra'],
  },
  {
    guard: 'every table is described, with what prunes it',
    away: 'one is left out',
    edits: [{ file: 'docs/tables.md', from: '| payments.declines |', to: '| payments.declined |' }],
    seenBy: ['tests/tables'],
  },
  {
    guard: 'a page sounds when its gauge says nothing',
    away: 'nobody misses the gauge of provider calls',
    edits: [{ file: 'infra/alerts/aisle.yaml', from: 'or absent(work_oldest_seconds{queue="calls"})', to: '' }],
    seenBy: ['tests/alerts'],
  },
  {
    guard: 'gauges of work read what is unfinished and no more',
    away: 'no index on those that were given up',
    edits: [{ file: 'kit/migrations/0008_work.sql', from: 'create index work_dead', to: '-- ' }],
    seenBy: ['kit/work/places'],
  },
  {
    guard: 'a service does not start behind a pooler of transactions',
    away: 'nobody looks',
    edits: [{ file: 'kit/boot/start.ts', from: 'await refusePooler(config.DATABASE_URL)', to: '' }],
    seenBy: ['tests/pooler'],
  },
]
