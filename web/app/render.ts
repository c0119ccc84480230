// The server's way into the app, and the entry of the build.

import * as build from 'virtual:react-router/server-build'
import { createRequestHandler, type ServerBuild } from 'react-router'
import type { Render } from '../server/visit.ts'
import { contextOf } from './api/visit.server.ts'

const handle = createRequestHandler(build as ServerBuild, 'production')

export const render: Render = (request, visit) => handle(request, contextOf(visit))
