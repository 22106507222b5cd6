/** The load generators of others that are installed; says which are not, and so are left out. */
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Contender } from './contender.ts'
import { inferencePerf } from './inference-perf.ts'
import { k6 } from './k6.ts'

const peers = [
  { program: 'k6', variable: 'K6', contender: k6 },
  { program: 'inference-perf', variable: 'INFERENCE_PERF', contender: inferencePerf },
]

export async function installedPeers(): Promise<readonly Contender[]> {
  const installed: Contender[] = []
  for (const { program, variable, contender } of peers) {
    const path = process.env[variable] ?? (await onPath(program))
    if (path !== undefined) installed.push(contender(path))
    else
      console.error(
        `left out: ${program}, which is not on the PATH; ${variable} can name the program`,
      )
  }
  return installed
}

async function onPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, program)
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return undefined
}
