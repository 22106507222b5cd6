/**
 * Records on disk which servers exp has started and not yet ended, so that a later run finds those that a
 * killed run left behind. One small file per process group, written at its start and removed at its end.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parseJson } from '../../json/parse-json.ts'

const identity = z.object({ pid: z.int().min(2), start: z.string().min(1) })

const startedProcess = z.object({
  /** The leader of the process group. */
  leader: identity,
  /** The `exp` that started it. */
  owner: identity,
  /** The value of `markVariable`, which also identifies processes that left the group. */
  mark: z.string().default(''),
  /** For people: `ollama serve`. */
  what: z.string(),
})
export type StartedProcess = Readonly<z.infer<typeof startedProcess>>

const folderOf = (stateFolder: string) => join(stateFolder, 'started')

/**
 * Writes synchronously, so that a crash cannot happen between the start and the record. Returns a function that
 * removes the record.
 */
export function recordStarted(stateFolder: string, started: StartedProcess): () => Promise<void> {
  const folder = folderOf(stateFolder)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${started.leader.pid}.json`)
  writeFileSync(file, JSON.stringify(started))
  return () => rm(file, { force: true })
}

/** The records of every `exp` on this machine, each with a function that removes it. Other files are ignored. */
export async function readStarted(
  stateFolder: string,
): Promise<readonly { readonly started: StartedProcess; readonly forget: () => Promise<void> }[]> {
  const folder = folderOf(stateFolder)
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'))
  const records = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name)
      const text = await readFile(file, 'utf8').catch(() => '')
      const parsed = startedProcess.safeParse(parseJson(text))
      return parsed.success
        ? [{ started: parsed.data, forget: () => rm(file, { force: true }) }]
        : []
    }),
  )
  return records.flat()
}
