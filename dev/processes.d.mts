import type { ChildProcess, SpawnOptions } from 'node:child_process'

export type Platform = NodeJS.Platform

export type Bound = SpawnOptions & {
  deathSignal: 'TERM' | 'INT' | 'KILL'
  user?: { uid: number; gid: number } | undefined
  platform?: Platform | undefined
}

export declare function spawnBound(command: string, args: readonly string[], options: Bound): ChildProcess

export type RunningProcess = { pid: number; parent: number; name: string; started: string }

export declare function processesNow(of?: { pid?: number; platform?: Platform | undefined }): RunningProcess[]
