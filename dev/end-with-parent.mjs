/**
 * The guard of processes.mjs: signals the processes that it was told of when the one that started it has ended. Lines
 * on its input are `<pid> <signal>` and `<pid> gone`; the input ends with the process that holds the pipe.
 */
import { createInterface } from 'node:readline'

const guarded = new Map()

for await (const line of createInterface({ input: process.stdin })) {
  const [pid, signal] = line.split(' ')
  if (signal === 'gone') guarded.delete(pid)
  else guarded.set(pid, signal)
}
for (const [pid, signal] of guarded) {
  try {
    process.kill(Number(pid), `SIG${signal}`)
  } catch {
    // It has ended with its parent.
  }
}
