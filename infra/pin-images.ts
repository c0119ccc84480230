// The images of a roll-out by digest, as the Kustomize component that the production overlay reads. Arguments are
// `workspace=image@digest`:
//
//     node infra/pin-images.ts orders=ghcr.io/someone/aisle-orders@sha256:... \
//       > infra/k8s/overlays/prod/images/kustomization.yaml

import { fileURLToPath } from 'node:url'
import { services } from '@aisle/contracts/endpoint'

const programs: readonly string[] = [...services, 'web']

/**
 * The component for `pins`.
 * @throws when a program has no image, an image has no digest, or the program is unknown
 */
export function imagesComponent(pins: readonly string[]): string {
  const images = pins.map((pin) => {
    const [, program = '', newName = '', digest = ''] = /^([\w-]+)=([\w./:-]+)@(sha256:[0-9a-f]{64})$/.exec(pin) ?? []
    if (!programs.includes(program)) throw new Error(`${pin} is not <program>=<image>@sha256:<64 digits>.`)
    return { program, newName, digest }
  })
  const missing = programs.filter((program) => !images.some((image) => image.program === program))
  if (missing.length > 0) throw new Error(`There is no image for ${missing.join(', ')}.`)
  return [
    '# Made by infra/pin-images.ts.',
    'apiVersion: kustomize.config.k8s.io/v1alpha1',
    'kind: Component',
    'images:',
    ...images.map(
      ({ program, newName, digest }) => `  - { name: aisle-${program}, newName: ${newName}, digest: '${digest}' }`,
    ),
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(imagesComponent(process.argv.slice(2)))
