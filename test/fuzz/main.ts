/**
 * `npm run fuzz [KIND [SEED [COUNT [FROM]]]]`: 3,000 damaged experiments, 3,000 results, 1,000 locks, keep blocks,
 * templates and packs. No command may fail by a bug, use more than 10 s of CPU or 512 MB, or print a terminal code.
 * Exits 1 if one does. FROM is the index of the first input, so that one input can be run alone.
 */
import os from 'node:os'
import { fuzz } from './fuzz.ts'
import { kinds, type Kind } from './inputs.ts'

const counts: Readonly<Record<Kind, number>> = {
  experiment: 3000,
  result: 3000,
  lock: 1000,
  block: 1000,
  template: 1000,
  pack: 1000,
}

const [, , onlyKind, seedText = '1', countText, fromText = '0'] = process.argv
const chosen = kinds.filter((kind) => onlyKind === undefined || kind === onlyKind)
if (chosen.length === 0) throw new Error(`KIND is one of ${kinds.join(', ')}`)
for (const kind of chosen) {
  const count = countText === undefined ? counts[kind] : Number(countText)
  const parts = await Promise.all(tasksOf(kind, count).map((task) => fuzz([task])))
  const results = parts.flat()
  const problems = results.flatMap((result) => result.problems)
  const inputs = results.reduce((sum, result) => sum + result.inputs, 0)
  const seconds = Math.max(...results.map(({ maxCpuMs }) => maxCpuMs)) / 1000
  const memory = Math.max(...results.map(({ maxMemoryBytes }) => maxMemoryBytes)) / 1024 / 1024
  process.stdout.write(
    `${kind}: ${inputs} inputs, at most ${seconds.toFixed(1)} s of CPU and ${Math.round(memory)} MB, ${problems.length} problems\n`,
  )
  for (const problem of problems) process.stdout.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
}

/** The inputs in two equal parts, one for each of two processes; a few inputs in one. */
function tasksOf(kind: Kind, count: number) {
  const processes = count < 50 ? 1 : Math.min(2, os.availableParallelism())
  const size = Math.ceil(count / processes)
  return Array.from({ length: processes }, (_, at) => ({
    ...{ kind, seed: Number(seedText), from: Number(fromText) + at * size },
    count: Math.min(size, count - at * size),
  }))
}
