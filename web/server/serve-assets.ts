// Serves the files of the build from memory: a few hundred kilobytes, compressed once at start.

import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { acceptedEncoding } from './compress.ts'

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
}
/** The other types are already compressed. */
const compressible = new Set(['.js', '.css', '.svg'])

type Asset = { type: string; cacheControl: string; plain: Buffer; br?: Buffer; gzip?: Buffer }

/**
 * Serves every file in `directory` under its path there. Names under /assets contain a hash of the content and
 * are cached forever.
 */
export async function serveAssets(app: FastifyInstance, directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((one) => one.isFile() && types[extname(one.name)])) {
    const file = join(entry.parentPath, entry.name)
    const url = `/${relative(directory, file)}`
    const asset = await load(file, url)
    app.get(url, (request, reply) => send(asset, request, reply))
  }
  app.get('/assets/*', (_request, reply) => reply.code(404).send(''))
}

async function load(file: string, url: string): Promise<Asset> {
  const extension = extname(file)
  const plain = await readFile(file)
  const isHashed = url.startsWith('/assets/')
  return {
    type: types[extension]!,
    cacheControl: isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=86400',
    plain,
    ...(compressible.has(extension)
      ? { br: await promisify(brotliCompress)(plain), gzip: await promisify(gzip)(plain) }
      : {}),
  }
}

function send(asset: Asset, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const encoding = asset.br ? acceptedEncoding(request.headers['accept-encoding']) : null
  reply.headers({
    'content-type': asset.type,
    'cache-control': asset.cacheControl,
    vary: 'accept-encoding',
  })
  if (encoding) reply.header('content-encoding', encoding)
  return reply.send(encoding ? asset[encoding] : asset.plain)
}
