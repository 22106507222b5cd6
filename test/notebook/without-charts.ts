import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { splitBlocks, withoutBodies } from '../../src/notebook/keep-block.ts'
import { digestOf, lockBytes, parseLock } from '../../src/notebook/lock.ts'

/** Turns the report of an experiment, in version v1.0 and one language, into what a program without charts wrote. */
export function removeCharts(root: string, id: string): void {
  const folder = `reports/${id}`
  const readme = path.join(root, folder, 'README.md')
  const report = readFileSync(readme, 'utf8').replaceAll(/^!\[.*\n\n/gm, '')
  writeFileSync(readme, report)
  rmSync(path.join(root, folder, 'charts'), { recursive: true })
  const lockFile = `${folder}/v1.0.lock.json`
  const { charts: _, ...lock } = parseLock(readFileSync(path.join(root, lockFile)), lockFile)
  const files = { 'README.md': digestOf(withoutBodies(splitBlocks(Buffer.from(report), readme))) }
  writeFileSync(path.join(root, lockFile), lockBytes({ ...lock, lockFormat: 2, files }))
}
