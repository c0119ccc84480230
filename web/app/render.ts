// The server's entry point into the app, and the entry of the build.

import * as build from 'virtual:react-router/server-build'
import { createRequestHandler, matchRoutes, type RouteObject, type ServerBuild } from 'react-router'
import type { Build } from '../server/visit.ts'
import { audienceOf as audienceIn } from './api/current-user.server.ts'
import { contextOf } from './api/visit.server.ts'
import { negotiateLanguage } from './texts/languages.ts'

const handle = createRequestHandler(build as ServerBuild, import.meta.env.MODE)

export const languageOf: Build['languageOf'] = negotiateLanguage

export const render: Build['render'] = (request, visit) => handle(request, contextOf(visit))

export const audienceOf: Build['audienceOf'] = (visit) => audienceIn(contextOf(visit))

const routes = Object.values((build as ServerBuild).routes).filter((route) => route !== undefined)

const below = (parentId: string | undefined): RouteObject[] =>
  routes
    .filter((route) => route.parentId === parentId)
    .map(
      ({ id, path, index }) =>
        ({
          id,
          ...(path === undefined ? {} : { path }),
          ...(index ? { index } : { children: below(id) }),
        }) as RouteObject,
    )

const tree = below(undefined)

export const methodsOf: Build['methodsOf'] = (url) => {
  const path = url.split('?', 1)[0]!.replace(/(\/_)?\.data$/, '') || '/'
  const route = matchRoutes(tree, path)?.at(-1)?.route
  if (!route || route.path === '*') return null
  const takesForm = routes.find(({ id }) => id === route.id)?.module.action !== undefined
  return takesForm ? ['GET', 'POST'] : ['GET']
}
