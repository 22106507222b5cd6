/**
 * Writes README.md of this folder. Usage: `npm run simulate -- [EXPERIMENTS [SEED]]`. Each table is made in a process
 * of its own, two at a time; with a third argument, prints only the table of that name.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { calibrationText, tables } from './calibration.ts'
import { tableText } from './table.ts'

const [experiments = 2000, seed = 1] = process.argv.slice(2, 4).map(Number)
const only = tables.find(({ name }) => name === process.argv[4])
if (only !== undefined) console.log(tableText(only({ experiments, seed })))
else await writeAll()

async function writeAll(): Promise<void> {
  const texts = new Map<string, string>()
  const waiting = [...tables]
  const makeNext = async (): Promise<void> => {
    const next = waiting.shift()
    if (next === undefined) return
    texts.set(next.name, await textInProcess(next.name))
    console.log(`${next.name}: done after ${(performance.now() / 1000).toFixed(0)} s`)
    await makeNext()
  }
  await Promise.all([makeNext(), makeNext()])
  const command = ['npm run simulate', ...(process.argv.length > 2 ? ['--'] : [])]
  const text = calibrationText(
    tables.map(({ name }) => texts.get(name) ?? ''),
    { experiments, seed },
    [...command, ...process.argv.slice(2)].join(' '),
  )
  const file = fileURLToPath(new URL('README.md', import.meta.url))
  writeFileSync(file, text)
  console.log(`wrote ${file}`)
}

async function textInProcess(name: string): Promise<string> {
  const own = fileURLToPath(import.meta.url)
  const values = [experiments, seed].map(String)
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    own,
    ...values,
    name,
  ])
  return stdout.trim()
}
