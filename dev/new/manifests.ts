// A workspace in dev/package.json and in package-lock.json, as npm itself would write it.

type Manifest = { dependencies: Record<string, string> }
type Locked = { packages: Record<string, object> }

const print = (value: object) => `${JSON.stringify(value, null, 2)}\n`

/** dev/package.json with the service among its dependencies. */
export function addToDependencies(text: string, service: string): string {
  const manifest = JSON.parse(text) as Manifest
  const own = Object.entries(manifest.dependencies)
  const last = own.findIndex(([name]) => name === '@aisle/web')
  own.splice(last, 0, [`@aisle/${service}`, '*'])
  return print({ ...manifest, dependencies: Object.fromEntries(own) })
}

/** The services that package-lock.json knows, in all places that it needs. */
export function namesInLock(text: string): string[] {
  const { packages } = JSON.parse(text) as Locked
  return Object.keys(packages).flatMap((place) => {
    const name = /^services\/([\w-]+)$/.exec(place)?.[1]
    return name && `node_modules/@aisle/${name}` in packages ? [name] : []
  })
}

/** package-lock.json with the service's workspace, which depends on no package that is not there yet. */
export function addLocked(text: string, service: string): string {
  const lock = JSON.parse(text) as Locked
  const like = lock.packages['services/tickets'] as Manifest & { name: string }
  const added: Record<string, object> = {
    [`node_modules/@aisle/${service}`]: { resolved: `services/${service}`, link: true },
    [`services/${service}`]: { ...like, name: `@aisle/${service}` },
  }
  const dev = lock.packages.dev as Manifest
  const sorted = (entries: Record<string, object>) =>
    Object.fromEntries(Object.entries(entries).sort(([a], [b]) => a.localeCompare(b, 'en')))
  return print({
    ...lock,
    packages: sorted({
      ...lock.packages,
      ...added,
      dev: { ...dev, dependencies: sortedValues({ ...dev.dependencies, [`@aisle/${service}`]: '*' }) },
    }),
  })
}

const sortedValues = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).sort(([a], [b]) => a.localeCompare(b, 'en')))
