import { expect, inject, it } from 'vitest'
import { cloneDatabases } from '../testing/databases.ts'
import { connect } from './connect.ts'

it('reads arrays back as they were sent', async () => {
  await using databases = await cloneDatabases(inject('postgres'), ['alpha'])
  const sql = connect(databases.url('alpha'), { max: 1 })
  const texts = ['', 'a,b', '"quoted"', 'back\\slash', '{braces}', 'null', 'NULL', ' spaces ', 'two\nlines', 'é ✓']
  const moment = new Date('2026-01-02T03:04:05.678Z')
  const id = '01900000-0000-7000-8000-000000000001'
  const [row] = await sql`
    select ${texts}::text[] as texts, ${[1, -2, 3]}::int[] as ints, ${[0.5, -1e9]}::float8[] as floats,
      ${['t', 'f']}::bool[] as bools, ${[moment.toISOString()]}::timestamptz[] as moments, ${[id]}::uuid[] as ids,
      ${['9007199254740993']}::bigint[] as longs,
      ${[]}::text[] as none, ${['a', null]}::text[] as holes, array_agg(n) as read from generate_series(1, 3) n`
  expect(row).toEqual({
    texts,
    ints: [1, -2, 3],
    floats: [0.5, -1e9],
    bools: [true, false],
    moments: [moment],
    ids: [id],
    longs: ['9007199254740993'],
    none: [],
    holes: ['a', null],
    read: [1, 2, 3],
  })
  await sql.end()
})
