// Every scrape reads through an index, no matter how many webhooks are stored.

import { connect } from '@aisle/kit/db/connect'
import { createMetrics } from '@aisle/kit/metrics'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { expect, inject, it } from 'vitest'
import { createMeters } from './meters.ts'

it('webhooks are counted without reading those that are done', async () => {
  await using databases = await cloneDatabases(inject('postgres'), ['payments'])
  const sql = connect(databases.url('payments'), { max: 1 })
  try {
    await sql`
      insert into provider_events (id, type, object_id, state, tries, next_try_at, received_at)
      select 'evt_' || n, 'refund.created', '',
        case n % 10000 when 1 then 'pending' when 2 then 'unknown' else 'done' end, n % 3, now(), now()
      from generate_series(1, 30000) n`
    await sql`vacuum analyze provider_events`
    const metrics = createMetrics('payments')
    createMeters(metrics, sql, () => new Date())
    const before = await scans()
    const text = await metrics.registry.getSingleMetricAsString('provider_events')
    expect(
      Object.fromEntries(
        [...text.matchAll(/state="([\w-]+)".*\} (\d+)$/gm)].map(([, state, count]) => [state, Number(count)]),
      ),
    ).toEqual({
      pending: 1,
      unknown: 2,
      'given-up': 3,
    })
    expect(await scans()).toEqual(before)
  } finally {
    await sql.end()
  }

  async function scans(): Promise<number> {
    await sql`select pg_stat_force_next_flush()`
    await sql`select pg_stat_clear_snapshot()`
    const [row] = await sql<{ count: number }[]>`
      select seq_scan::int as count from pg_stat_user_tables where relname = 'provider_events'`
    return row!.count
  }
})
