/** An experiment written in a few lines, run for real on the embedded engine, and what its results are diagnosed as. */
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { runCommandLine } from '../../../src/cli/command-line.ts'
import type { Cause } from '../../../src/diagnosis/cause.ts'
import { diagnose } from '../../../src/diagnosis/diagnose.ts'
import type { Diagnosis, Finding } from '../../../src/diagnosis/diagnosis.ts'
import { parseExperiment } from '../../../src/experiment/parse-experiment.ts'
import { readResults } from '../../../src/notebook/stored-results.ts'
import { ResultStore } from '../../../src/results/store.ts'
import { memoryIo } from '../../support/memory-io.ts'
import { Project } from '../../support/project.ts'

export interface Measured {
  readonly diagnosis: Diagnosis
  /** Of the one pair that is compared, in their order. */
  readonly findings: readonly Finding[]
  /** Causes that count as proven, those of settings left out. */
  readonly proven: readonly Cause[]
  /** README.md. */
  readonly report: string
}

export const minute = 60_000

/**
 * An interval over four rounds misses a real difference now and then, the more so on a busy machine: that is what
 * the interval says. A rule that is wrong misses it every time.
 */
export const realMeasurements = { retry: 3 }

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

export interface Small {
  readonly workload: string
  readonly configs: string
  /** Flow maps, one a sample. */
  readonly samples?: readonly string[]
  readonly model?: string
  /** Puts what it needs beside the experiment. */
  readonly prepare?: (project: Project) => Promise<void>
}

const words = [
  '{id: s1, text: alpha bravo charlie delta echo foxtrot}',
  '{id: s2, text: golf hotel india juliet kilo lima}',
  '{id: s3, text: mike november oscar papa quebec romeo}',
]

/** Four rounds of two configs, the first of which is `base`. */
export async function measured(small: Small): Promise<Measured> {
  const project = new Project()
  projects.push(project)
  await small.prepare?.(project)
  const file = 'experiments/real.yaml'
  const text = experimentText(small)
  project.write(file, text)
  const io = memoryIo(project.root)
  const code = await runCommandLine(['run', file], io)
  if (code !== 0) throw new Error(`exp run ended with ${String(code)}:\n${io.err()}`)
  const { experiment, problems } = parseExperiment({ file, text, readDataset: () => undefined })
  if (experiment === undefined) throw new Error(JSON.stringify(problems))
  const store = new ResultStore(join(project.root, 'reports/real'))
  const { analysis } = await readResults(experiment, store)
  const diagnosis = diagnose(experiment, analysis)
  const findings = diagnosis.explanations[0]?.findings ?? []
  return {
    diagnosis,
    findings,
    proven: findings.filter(({ sureness }) => sureness === 'proven').map(({ cause }) => cause),
    report: project.read('reports/real/README.md'),
  }
}

function experimentText({ workload, configs, samples = words, model = 'tiny' }: Small): string {
  return `title: real
locale: en
model: ${JSON.stringify(model)}
dataset:
  name: lines
  samples:
${samples.map((each) => `    - ${each}`).join('\n')}
workload:
  api: chat
  prompt: "{{text}}"
${workload}
rounds: 4
configs:
${configs}
baseline: base
`
}
