import type { Config } from '@react-router/dev/config'

export default {
  // `npm start` builds into its own cache and sets the path; see server/build-app.ts.
  buildDirectory: process.env.WEB_BUILD_DIRECTORY ?? 'build',
  // Twenty routes: all their names are a kilobyte, while discovering them individually would be a request each.
  routeDiscovery: { mode: 'initial' },
  // The code that keeps a form when the network is lost must be loaded before that happens.
  splitRouteModules: false,
} satisfies Config
