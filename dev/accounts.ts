// For an operator, on the marketplace that runs on this machine:
//
//     npm run accounts -- confirm mara@aisle.test      the address counts as confirmed, without a link
//     npm run accounts -- make-admin mara@aisle.test   the account is an admin; its address must be confirmed
//     npm run accounts -- remove-factors mara@aisle.test   the password alone signs in again
//     npm run accounts -- erase mara@aisle.test        the account is erased, unless something is open

import { auth } from '@aisle/auth/service'
import { inDatabase } from '@aisle/kit/db/in-database'
import { openRunning } from './running.ts'

const tasks = auth.tasks ?? {}
const usage = `Usage: npm run accounts -- ${Object.keys(tasks).join('|')} ADDRESS`

/** Does one of auth's tasks in its database at `url`. Resolves to a sentence that says what was done. */
export async function doTask(url: string, name: string, ...args: string[]): Promise<string> {
  const task = tasks[name]
  if (!task || args.length !== 1) throw new Error(usage)
  return inDatabase(url, 'accounts', (db) => task(db, args))
}

async function main([name = '', ...args]: string[]): Promise<void> {
  await using running = await openRunning()
  console.log(await doTask(running.url('auth'), name, ...args))
}

if (import.meta.main)
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message)
    process.exitCode = 1
  })
