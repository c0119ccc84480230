// The dashboard and the alerts use only existing metrics, and the runbook covers every alert.

import type { Sql } from '@aisle/kit/db/database'
import {
  addBusGauges,
  addDatabaseGauges,
  addOutboxGauges,
  addPoolGauges,
  addProcessGauges,
  addReadiness,
  addStreamGauge,
  createMetrics,
} from '@aisle/kit/metrics'
import { createWorkMeters } from '@aisle/kit/work/work-meters'
import { describe, expect, it } from 'vitest'
import { createMeters as createMailMeters } from '../services/notices/meters.ts'
import { addMeters } from '../services/orders/meters.ts'
import { createMeters } from '../services/payments/meters.ts'
import { readText, readYaml } from './infra-files.ts'

type Rule = { alert: string; expr: string; labels: { severity: string }; annotations: { summary: string } }
type Panel = {
  id: number
  type: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: { expr: string }[]
}
const rules = readYaml<{ groups: { rules: Rule[] }[] }>('infra/alerts/aisle.yaml').groups.flatMap(
  (group) => group.rules,
)
const { panels } = JSON.parse(readText('infra/grafana/aisle.json')) as { panels: Panel[] }
const shown = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

/**
 * The metrics of all services with their labels, from the registries themselves. Nothing is read, so there is
 * no database.
 */
async function metricsThere(): Promise<Map<string, Set<string>>> {
  const metrics = createMetrics('all')
  const sql = null as unknown as Sql
  addDatabaseGauges(metrics, sql)
  addOutboxGauges(metrics, sql)
  const bus = {
    unpublished: async () => null,
    behind: async () => [],
    streamFill: async () => null,
    trouble: () => null,
  }
  addBusGauges(metrics, bus)
  addReadiness(metrics, async () => null)
  addProcessGauges(metrics)
  addPoolGauges(metrics, {})
  addStreamGauge(metrics, () => 0)
  addMeters(metrics, sql, () => new Date())
  createMeters(metrics, sql, () => new Date())
  createMailMeters(metrics)
  createWorkMeters(metrics, [], sql, () => new Date())
  const there = new Map<string, Set<string>>()
  for (const metric of metrics.registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[])
    there.set(metric.name, new Set(['service', 'instance', ...metric.labelNames]))
  return there.set('up', new Set(['job', 'instance']))
}
const there = await metricsThere()

const words = new Set([
  'sum',
  'max',
  'min',
  'count',
  'and',
  'by',
  'rate',
  'increase',
  'histogram_quantile',
  'or',
  'absent',
])

/** The unknown names in a query. */
function unknownNames(query: string): string[] {
  const plain = query.replaceAll(/"[^"]*"/g, '""').replaceAll(/\[\w+\]/g, '')
  const unknown: string[] = []
  for (const [, name = '', selector = ''] of plain
    .replaceAll(/\bby \([^)]*\)/g, '')
    .matchAll(/\b([a-z]\w*)(\{[^}]*\})?/g)) {
    if (words.has(name) && selector === '') continue
    const labels = there.get(name) ?? there.get(name.replace(/_(bucket|count|sum)$/, ''))
    if (!labels) unknown.push(name)
    for (const [, label = ''] of selector.matchAll(/(\w+)[=!]/g))
      if (labels && label !== 'le' && !labels.has(label)) unknown.push(`${name}{${label}}`)
  }
  return unknown
}

describe('alerts and dashboard', () => {
  it('use only existing metrics and labels', () => {
    expect(rules.length).toBeGreaterThan(10)
    expect(shown.length).toBeGreaterThan(15)
    expect([...rules.map(({ expr }) => expr), ...shown].flatMap(unknownNames)).toEqual([])
  })

  it('would fail with an unknown metric or label', () => {
    expect(unknownNames('sum(rate(tickets_sold[5m])) > 0')).toEqual(['tickets_sold'])
    expect(unknownNames('max by (kind) (work{op="void"})')).toEqual(['work{op}'])
  })

  it('show every existing metric', () => {
    const isShown = (name: string) => shown.some((query) => query.includes(name))
    expect([...there.keys()].filter((name) => name !== 'up' && !isShown(name))).toEqual([])
  })

  it('have panels that do not overlap', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
  })
})

describe('a page', () => {
  const absentIn = (query: string) => new Set([...query.matchAll(/\babsent\((\w+)/g)].map(([, name]) => name!))
  /** The gauges a query depends on directly: a counter that has counted nothing need not exist. */
  const gaugesIn = (query: string) =>
    [...query.replaceAll(/\b(?:increase|rate)\([^[]*\[\w+\]\)/g, '').matchAll(/\b[a-z]\w*/g)]
      .map(([name]) => name)
      .filter((name) => there.has(name) && !['up', 'service', 'instance'].includes(name))
  const twin = rules.find(({ alert }) => alert === 'AisleGaugeMissing')!

  it('has a twin that fires when its gauge is missing', () => {
    const pages = rules.filter(({ labels, alert }) => labels.severity === 'page' && alert !== twin.alert)
    const watched = absentIn(twin.expr)
    const gauges = pages.flatMap(({ expr }) => gaugesIn(expr).map((gauge) => ({ gauge, own: absentIn(expr) })))
    expect(new Set(gauges.map(({ gauge }) => gauge)).size).toBeGreaterThan(8)
    expect(gauges.filter(({ gauge, own }) => !watched.has(gauge) && !own.has(gauge)).map(({ gauge }) => gauge)).toEqual(
      [],
    )
    expect(twin.labels.severity).toBe('page')
  })

  it('is detected if it lacks one', () => {
    expect(gaugesIn('max(order_created_oldest_seconds) > 30 and sum(increase(refusals_total[5m])) > 1')).toEqual([
      'order_created_oldest_seconds',
    ])
  })
})

describe('infra/alerts/aisle.test.yaml', () => {
  it('makes each alert fire, which promtool verifies in CI', () => {
    type Unit = { alert_rule_test?: { alertname: string; exp_alerts: unknown[] }[] }
    const units = readYaml<{ tests: Unit[] }>('infra/alerts/aisle.test.yaml').tests
    const sounding = units
      .flatMap(({ alert_rule_test: expected = [] }) => expected)
      .filter(({ exp_alerts: alerts }) => alerts.length > 0)
    expect([...new Set(sounding.map(({ alertname }) => alertname))]).toEqual(rules.map(({ alert }) => alert))
  })
})

describe('docs/runbook.md', () => {
  const sections = new Map(
    readText('docs/runbook.md')
      .split(/^### /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')), section]),
  )

  it('has a section for each alert and for no other, with its meaning, how to investigate and what to do', () => {
    expect([...sections.keys()]).toEqual(rules.map(({ alert }) => alert))
    for (const [alert, section] of sections)
      for (const part of ['**Means.**', '**Look.**', '**Do.**']) expect(section, alert).toContain(part)
  })

  it('belongs to alerts that page or open a ticket, each with a summary', () => {
    for (const { labels, annotations } of rules) {
      expect(['page', 'ticket']).toContain(labels.severity)
      expect(annotations.summary).not.toBe('')
    }
  })
})
