import { noTracer } from '@aisle/tracing/span'
import Fastify, { type FastifyBaseLogger } from 'fastify'
import { expect, it } from 'vitest'
import { answerPages } from './answer-page.ts'
import { readSitePages } from './site-pages.ts'
import type { Visit } from './visit.ts'

const sitePages = await readSitePages()

/** A server whose app reports the audience, and records every visit it is asked to render. */
function serve(answer: (visit: Visit) => Response | Promise<Response> = page) {
  const visits: Visit[] = []
  const app = Fastify()
  const handler = answerPages({
    build: {
      render: async (_request, visit) => {
        visits.push(visit)
        return answer(visit)
      },
      methodsOf: () => ['GET'],
      languageOf: (cookie) => (cookie.includes('lang=de') ? 'de' : 'en'),
      audienceOf: async ({ headers, setCookies }) => {
        if (headers.cookie.includes('renewed')) setCookies.push('session=new')
        return headers.cookie.includes('admin') ? 'admin' : 'member'
      },
    },
    serviceUrl: () => '',
    tracer: noTracer,
    publicUrl: 'https://aisle.test',
    paymentOrigins: [],
    sitePages,
    logger: app.log as FastifyBaseLogger,
  })
  app.route({ method: ['GET', 'POST'], url: '/*', handler })
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })
  return { get, visits }
}

const page = ({ nonce, headers, language, audience }: Visit) =>
  new Response(
    `<p>${language} ${headers.cookie}${audience ?? ''}</p><script nonce="${nonce}">run()</script>${' '.repeat(2000)}`,
    {
      headers: { 'content-type': 'text/html; charset=utf-8' },
    },
  )

it('a crowd of strangers at one page is one rendering, with nothing of any of them in it', async () => {
  const { get, visits } = serve()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => get('/events/1', { cookie: `other=${n}`, 'user-agent': `browser ${n}` })),
  )
  expect(visits).toHaveLength(1)
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
  expect(answers[0]?.body).toContain('<p>en stranger</p><script>run()</script>')
})

it('a page that is kept has no nonce: its script is allowed by its hash', async () => {
  const { get, visits } = serve()
  const { headers, body } = await get('/')
  expect(headers['content-security-policy']).toMatch(/script-src 'self' 'sha256-[\w+/=]+';/)
  expect(`${headers['content-security-policy']} ${body}`).not.toContain(visits[0]?.nonce)
})

it('each language and each query is a page of its own', async () => {
  const { get, visits } = serve()
  for (const cookie of ['lang=en', 'lang=de', 'lang=de']) await get('/?q=x', { cookie })
  await get('/?q=y', { cookie: 'lang=de' })
  expect(visits.map(({ language, path }) => `${language} ${path}`)).toEqual(['en /?q=x', 'de /?q=x', 'de /?q=y'])
})

it('a member has pages of their own, with a nonce of its own', async () => {
  const { get, visits } = serve()
  await get('/')
  const [one, two] = [
    await get('/tickets/1', { cookie: 'session=a' }),
    await get('/tickets/1', { cookie: 'session=b' }),
  ]
  expect([one.body, two.body].map((body) => body.slice(0, 20))).toEqual([
    expect.stringContaining('session=a'),
    expect.stringContaining('session=b'),
  ])
  expect(new Set(visits.map(({ nonce }) => nonce)).size).toBe(3)
  expect([one.headers['cache-control'], two.headers['cache-control']]).toEqual([
    'private, no-store',
    'private, no-store',
  ])
})

it('a page that all members see alike is rendered once for them, and kept by nobody else', async () => {
  const { get, visits } = serve()
  const cookies = ['session=a', 'session=b; renewed', 'session=a', 'session=admin']
  const answers = []
  for (const cookie of cookies) answers.push(await get('/events/1', { cookie }))
  expect(visits.map(({ audience, headers }) => `${audience}${headers.cookie}`)).toEqual(['member', 'admin'])
  expect(answers.map(({ headers }) => headers['cache-control'])).toEqual(cookies.map(() => 'private, no-store'))
  expect(answers.map(({ headers }) => headers['set-cookie'])).toEqual([
    undefined,
    ['session=new'],
    undefined,
    undefined,
  ])
  expect(answers.map(({ body }) => body.includes('en admin'))).toEqual([false, false, false, true])
})

it('what sets a cookie or is no success is for its caller alone', async () => {
  for (const [status, headers] of [
    [200, { 'set-cookie': 'a=b' }],
    [404, {}],
    [503, {}],
  ] as const) {
    const { get, visits } = serve(() => new Response('once', { status, headers: headers as Record<string, string> }))
    for (let n = 0; n < 2; n++) expect((await get('/tickets/1')).headers['cache-control']).toBe('private, no-store')
    expect(visits).toHaveLength(2)
  }
})

it('is compressed for those who take it', async () => {
  const { get } = serve()
  expect((await get('/', { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBe('gzip')
  expect((await get('/', { 'accept-encoding': 'br' })).headers['content-encoding']).toBe('br')
  expect((await get('/')).headers['content-encoding']).toBeUndefined()
})
