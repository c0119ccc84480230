// The server's way into the app, and the entry of the build.

import * as build from 'virtual:react-router/server-build'
import { createRequestHandler, type ServerBuild } from 'react-router'
import type { Build } from '../server/visit.ts'
import { audienceOf as audienceIn } from './api/current-user.server.ts'
import { contextOf } from './api/visit.server.ts'
import { negotiateLanguage } from './texts/languages.ts'

const handle = createRequestHandler(build as ServerBuild, 'production')

export const languageOf: Build['languageOf'] = negotiateLanguage

export const render: Build['render'] = (request, visit) => handle(request, contextOf(visit))

export const audienceOf: Build['audienceOf'] = (visit) => audienceIn(contextOf(visit))
