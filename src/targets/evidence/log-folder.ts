/** Where the logs of servers of ours are kept after they ended; of older ones the newest few. */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const logsKept = 20

/** Path of a file that is not there yet; its name begins with the time, so that names sort by it. */
export async function newLogFile(stateFolder: string): Promise<string> {
  const folder = join(stateFolder, 'logs')
  await mkdir(folder, { recursive: true })
  const names = (await readdir(folder)).sort()
  const old = names.slice(0, Math.max(0, names.length - logsKept + 1))
  await Promise.all(old.map((name) => rm(join(folder, name), { force: true })))
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  return join(folder, `${time}-${randomBytes(3).toString('hex')}.log`)
}
