/**
 * Records which Docker contexts may have a container of exp, so that a later run finds one that a killed run, or a lost
 * connection, left on another machine.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contextPattern } from './context-name.ts'

const folderOf = (stateFolder: string) => join(stateFolder, 'remote-containers')

/** Returns a function that removes the record. */
export function recordRemoteContainer(
  stateFolder: string,
  container: string,
  context: string,
): () => void {
  const folder = folderOf(stateFolder)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, container)
  writeFileSync(file, context)
  return () => rmSync(file, { force: true })
}

/** The recorded containers by context. */
export async function recordedContexts(
  stateFolder: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const folder = folderOf(stateFolder)
  const byContext = new Map<string, readonly string[]>()
  for (const container of await readdir(folder).catch(() => [])) {
    const context = await readFile(join(folder, container), 'utf8').catch(() => '')
    if (contextPattern.test(context))
      byContext.set(context, [...(byContext.get(context) ?? []), container])
  }
  return byContext
}

/** Removes the records of containers that no longer exist. */
export function forgetContainers(stateFolder: string, containers: readonly string[]): void {
  for (const container of containers)
    rmSync(join(folderOf(stateFolder), container), { force: true })
}
