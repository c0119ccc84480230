// Guards against programs in front of or behind us that parse requests differently, and against abuse of
// browsers.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const http: Mutation[] = [
  {
    guard: 'a request names one host',
    away: 'of several the first is taken',
    edits: [
      {
        file: 'http/target.ts',
        from: "  if (hosts > 1 || (hosts === 0 && httpVersion !== '1.0')) return false\n",
        to: '',
      },
    ],
    seenBy: ['tests/http-manners'],
  },
  {
    guard: 'a whole address is the one of the Host header',
    away: 'that of any host is taken for ours',
    edits: [
      {
        file: 'http/target.ts',
        from: 'authority?.toLowerCase() !== headers.host?.toLowerCase() || authority === undefined',
        to: 'authority === undefined',
      },
    ],
    seenBy: ['tests/http-manners'],
  },
  {
    guard: 'JSON is UTF-8',
    away: 'other bytes become U+FFFD',
    edits: [{ file: 'kit/http/read-json.ts', from: '{ fatal: true }', to: '{ fatal: false }' }],
    seenBy: ['tests/http-manners'],
  },
  {
    guard: 'forms are UTF-8',
    away: 'other bytes become U+FFFD',
    edits: [
      {
        file: 'web/server/start-web.ts',
        from: 'if (request.body instanceof Buffer && !isUtf8Form',
        to: 'if (request.body === null && !isUtf8Form',
      },
    ],
    seenBy: ['tests/page-manners'],
  },
  {
    guard: 'bodies come as they are',
    away: 'a packed one is read as if it were not',
    edits: [
      { file: 'http/server-options.ts', from: "  !['', 'identity'].inc", to: "  false && !['', 'identity'].inc" },
    ],
    seenBy: ['tests/http-manners'],
  },
  {
    guard: 'a weak tag is no reason to overwrite',
    away: 'If-Match takes it for a strong one',
    edits: [
      {
        file: 'kit/http/etag.ts',
        from: 'one === tag || one === version',
        to: "one.replace(/^W./, '') === tag || one === version",
      },
    ],
    seenBy: ['tests/http-manners'],
  },
  {
    guard: 'the ETag is that of the whole answer',
    away: 'it is that of the version',
    edits: [
      { file: 'kit/http/etag.ts', from: "update(JSON.stringify(body)).digest('base64url')", to: "digest('hex')" },
    ],
    seenBy: ['tests/http-manners'],
  },
  {
    guard: 'what says who asks is for every hop',
    away: '`Connection` takes away whatever it names',
    edits: [{ file: 'front-door/forward.ts', from: 'if (!END_TO_END.test(name)) delete', to: 'delete' }],
    seenBy: ['front-door/forward'],
  },
  {
    guard: 'the name of a request is ours',
    away: 'a stranger may give it',
    edits: [{ file: 'http/request-id.ts', from: 'isProxys && typeof', to: 'typeof' }],
    seenBy: ['front-door/forward', 'services/auth/outside'],
  },
  {
    guard: 'only configured proxies say who the client is',
    away: 'any hop is believed',
    edits: [{ file: 'kit/http/server.ts', from: 'trustProxy: proxies', to: 'trustProxy: true' }],
    seenBy: ['services/auth/outside'],
  },
  {
    guard: 'the web server says who the visitor is by the same rule',
    away: 'any hop is believed',
    edits: [{ file: 'web/server/start-web.ts', from: 'trustProxy: proxies', to: 'trustProxy: true' }],
    seenBy: ['tests/page-manners'],
  },
  {
    guard: 'another scheme is another origin',
    away: 'hosts alone are compared',
    edits: [{ file: 'http/origin.ts', from: 'new URL(origin).protocol !== protocol || ', to: '' }],
    seenBy: ['http/origin'],
  },
  {
    guard: 'a page with a slash at its end leads nowhere else',
    away: 'two slashes at the beginning are handed on',
    edits: [{ file: 'web/server/canonical-path.ts', from: "path[1] === '/' || ", to: '' }],
    seenBy: ['web/server/canonical-path'],
  },
  {
    guard: 'what only admins may call is not told outside',
    away: 'the document has every call',
    edits: [{ file: 'kit/boot/serve.ts', from: "(who !== 'admin' && !signed)", to: '(who !== undefined && !signed)' }],
    seenBy: ['services/auth/outside'],
  },
  {
    guard: 'every answer of a service has the headers',
    away: 'its own errors have none',
    edits: [{ file: 'kit/http/server.ts', from: 'reply.headers(headers).header(', to: 'reply.header(' }],
    seenBy: ['tests/http-manners'],
  },
  {
    guard: 'a session that ends leaves nothing in the browser',
    away: 'only its cookie goes',
    edits: [{ file: 'kit/http/add-route.ts', from: '.headers(clearSiteData)', to: '' }],
    seenBy: ['tests/http-manners'],
  },
  {
    guard: 'only what a provider signs may be large',
    away: 'any body may have 1 MiB',
    edits: [{ file: 'front-door/forward.ts', from: ': LARGEST_BODY_BYTES\n', to: ': LARGEST_SIGNED_BODY_BYTES\n' }],
    seenBy: ['front-door/forward'],
  },
]
