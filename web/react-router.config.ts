import type { Config } from '@react-router/dev/config'

export default {
  // `npm start` builds into a cache of its own and says where; see server/build-app.ts.
  buildDirectory: process.env.WEB_BUILD_DIRECTORY ?? 'build',
  // Twenty routes: their names are a kilobyte, finding them one by one would be a request each.
  routeDiscovery: { mode: 'initial' },
  // What keeps a form when the network is lost must be there before it is lost.
  splitRouteModules: false,
} satisfies Config
