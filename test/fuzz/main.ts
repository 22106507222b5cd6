/**
 * `npm run fuzz [KIND [SEED [COUNT]]]`: 3,000 damaged experiments, 3,000 results, 1,000 locks, keep blocks, templates
 * and packs. No command may fail by a bug, use more than 10 s of CPU or 512 MB, or print a terminal code. Exits 1 if
 * one does.
 */
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

const [, , onlyKind, seedText = '1', countText] = process.argv
const chosen = kinds.filter((kind) => onlyKind === undefined || kind === onlyKind)
if (chosen.length === 0) throw new Error(`KIND is one of ${kinds.join(', ')}`)
for (const kind of chosen) {
  const count = countText === undefined ? counts[kind] : Number(countText)
  const { problems, inputs, maxCpuMs, maxMemoryBytes } = await fuzz(kind, Number(seedText), count)
  const memory = Math.round(maxMemoryBytes / 1024 / 1024)
  process.stdout.write(
    `${kind}: ${inputs} inputs, at most ${(maxCpuMs / 1000).toFixed(1)} s of CPU and ${memory} MB, ${problems.length} problems\n`,
  )
  for (const problem of problems) process.stdout.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
}
