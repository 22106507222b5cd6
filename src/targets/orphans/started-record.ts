/**
 * What this program started and has not yet ended, on disk, so that a later run finds what a killed one
 * left. One small file a process group; written when it begins, removed when it is gone.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parseJson } from '../../json/parse-json.ts'

const identity = z.object({ pid: z.int().min(2), start: z.string().min(1) })

const startedProcess = z.object({
  /** Leader of the group that was started. */
  leader: identity,
  /** The `exp` that started it. */
  owner: identity,
  /** Of `host/marked-processes.ts`: what left the group is known by it. */
  mark: z.string().default(''),
  /** For people: `ollama serve`. */
  what: z.string(),
})
export type StartedProcess = Readonly<z.infer<typeof startedProcess>>

const folderOf = (stateFolder: string) => join(stateFolder, 'started')

/** Written at once, not a moment later: what is started must not be lost. Returns how to forget it. */
export function recordStarted(stateFolder: string, started: StartedProcess): () => Promise<void> {
  const folder = folderOf(stateFolder)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${started.leader.pid}.json`)
  writeFileSync(file, JSON.stringify(started))
  return () => rm(file, { force: true })
}

/** Records of any `exp` on this machine, each with how to forget it; a file that is none is passed over. */
export async function readStarted(
  stateFolder: string,
): Promise<readonly { readonly started: StartedProcess; readonly forget: () => Promise<void> }[]> {
  const folder = folderOf(stateFolder)
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'))
  const read = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name)
      const text = await readFile(file, 'utf8').catch(() => '')
      const parsed = startedProcess.safeParse(parseJson(text))
      return parsed.success
        ? [{ started: parsed.data, forget: () => rm(file, { force: true }) }]
        : []
    }),
  )
  return read.flat()
}
