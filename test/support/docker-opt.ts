/** The experiment docker-opt of this repository in its own folder, with the load of simulated runs. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export const dockerOptFile = 'experiments/docker-opt.yaml'

export interface DockerOptProject {
  readonly root: string
  /** Changes the experiment's file. Throws if it does not contain the text. */
  readonly edit: (from: string, to: string) => void
}

export function dockerOptProject(): DockerOptProject {
  const root = mkdtempSync(path.join(os.tmpdir(), 'exp-docker-opt-'))
  for (const name of ['.gitattributes', dockerOptFile, 'experiments/datasets'])
    cpSync(name, path.join(root, name), { recursive: true })
  const place = path.join(root, dockerOptFile)
  const edit = (from: string, to: string): void => {
    const before = readFileSync(place, 'utf8')
    if (!before.includes(from)) throw new Error(`${dockerOptFile} does not contain ${from}`)
    writeFileSync(place, before.replace(from, to))
  }
  edit('duration: 4s, atLeast: 20, atMost: 2m', 'requests: 24')
  return { root, edit }
}
