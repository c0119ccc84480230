/**
 * `/api/docs`: every service's OpenAPI document on one page, with a selector, and calls from the page with the visitor's own
 * session. The page and all it loads come from here; its policy allows nothing else.
 *
 * The files are those of @fastify/swagger-ui; the plugin itself is for one document that the same server generates.
 */
import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { securityHeaders } from '@aisle/http/headers'
import type { FastifyInstance } from 'fastify'

const files = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json')),
  'static',
)

const assets: Record<string, string> = {
  'index.css': 'text/css; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui-standalone-preset.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  // Swagger UI sets style attributes from its script, which a policy cannot tell by hash.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Aisle API</title>
<link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="stylesheet" href="/api/docs/index.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/swagger-ui-standalone-preset.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`

/** Serves the page for the documents at `/api/<service>/openapi.json`. */
export function addDocsPage(app: FastifyInstance, services: string[]): void {
  const urls = services.map((name) => ({ name, url: `/api/${name}/openapi.json` }))
  const start = `SwaggerUIBundle({
  dom_id: '#swagger-ui',
  urls: ${JSON.stringify(urls)},
  layout: 'StandaloneLayout',
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  validatorUrl: null,
})
`
  app.get('/api/docs', (_request, reply) => reply.headers(headers('text/html; charset=utf-8')).send(page))
  app.get('/api/docs/', (_request, reply) => reply.headers(headers('text/plain')).redirect('/api/docs', 308))
  app.get('/api/docs/start.js', (_request, reply) =>
    reply.headers(headers('text/javascript; charset=utf-8')).send(start),
  )
  for (const [name, type] of Object.entries(assets)) {
    app.get(`/api/docs/${name}`, (_request, reply) =>
      reply
        .headers({ ...headers(type), 'cache-control': 'max-age=3600' })
        .send(createReadStream(path.join(files, name))),
    )
  }
}

function headers(type: string): Record<string, string> {
  return {
    ...securityHeaders('http:', policy),
    'content-type': type,
    'cache-control': 'no-cache',
  }
}
