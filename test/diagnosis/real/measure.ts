/** Runs a small experiment with the built program on the embedded engine, and diagnoses its results. */
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'
import type { Cause } from '../../../src/diagnosis/rules.ts'
import { diagnose } from '../../../src/diagnosis/diagnose.ts'
import type { Explanation, Finding } from '../../../src/diagnosis/diagnosis.ts'
import { parseExperiment } from '../../../src/experiment/parse-experiment.ts'
import { readResults } from '../../../src/notebook/stored-results.ts'
import { ResultStore } from '../../../src/results/store.ts'
import { Project } from '../../support/project.ts'

export interface MeasuredExperiment {
  /** The explanation of the only pair. */
  readonly explanation: Explanation
  readonly settings: readonly Finding[]
  /** Causes of late first tokens. */
  readonly delivery: readonly Finding[]
  /** Text of the report's README.md. */
  readonly report: string
}

/** An engine starts for each trial, which takes seconds on a busy machine. */
export const timeoutMs = 900_000

/** Six rounds, and more if a busy machine makes the interval wide. */
export const rounds = 'until: {metric: qps, halfWidth: 15%, maxRounds: 12}'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

export interface SmallExperiment {
  readonly workload: string
  /** YAML of two configs, the first of which is `base`. */
  readonly configs: string
  /** A YAML flow map for each sample. */
  readonly samples?: readonly string[]
  readonly model?: string
  /** Writes files that the experiment needs. */
  readonly prepare?: (project: Project) => Promise<void>
}

// Long enough that the pauses of the load generator between requests, up to a millisecond, are a small share of a
// latency: Little's law fails if they are more than 5 %.
const words = [
  'alpha bravo charlie delta echo foxtrot',
  'golf hotel india juliet kilo lima',
  'mike november oscar papa quebec romeo',
].map((text, index) => `{id: s${String(index + 1)}, text: "${`${text} `.repeat(4)}"}`)

/**
 * Measures and diagnoses the experiment. Its two configs must differ enough that six rounds prove it: the interval of
 * the total then excludes 0, because the mean is at least 2.3 times the standard deviation.
 */
export async function measureAndDiagnose(small: SmallExperiment): Promise<MeasuredExperiment> {
  const project = new Project()
  projects.push(project)
  await small.prepare?.(project)
  const file = 'experiments/real.yaml'
  const text = experimentText(small)
  project.write(file, text)
  const { code, stderr } = await project.exp('run', file)
  if (code !== 0) throw new Error(`exp run ended with ${String(code)}:\n${stderr}`)
  const { experiment, problems } = parseExperiment({ file, text, readDataset: () => undefined })
  if (experiment === undefined) throw new Error(JSON.stringify(problems))
  const store = new ResultStore(join(project.root, 'reports/real'))
  const { analysis } = await readResults(experiment, store)
  const { explanations, delivery, settings } = diagnose(experiment, analysis)
  const [explanation] = explanations
  if (explanation === undefined) throw new Error('no pair was explained')
  const report = project.read('reports/real/README.md')
  return { explanation, settings, delivery, report }
}

export function provenCauses({ explanation: { findings } }: MeasuredExperiment): readonly Cause[] {
  return findings.filter(({ certainty }) => certainty === 'proven').map(({ cause }) => cause)
}

/** Expects the cause to be the most important and the only proven one. Returns its finding. */
export function expectOnlyCause(cause: Cause, result: MeasuredExperiment): Finding {
  const { subject, gap, obstacle, findings } = result.explanation
  expect(subject).not.toBe('base')
  // a failed audit, for example because the load generator paused for more than 5 % of a latency of a few milliseconds
  expect(obstacle).toBeUndefined()
  expect(gap?.isBeyondNoise).toBe(true)
  const [first] = findings
  expect(first).toMatchObject({ cause, certainty: 'proven', rank: 'critical' })
  expect(provenCauses(result)).toEqual([cause])
  if (first === undefined || gap === undefined) throw new Error('no cause was found')
  expect(result.report).toMatch(/^1\. \*\*🚨 Most critical: .*\(proven, (?:at most )?[\d,.]+ ms/mu)
  return first
}

function experimentText({
  workload,
  configs,
  samples = words,
  model = 'tiny',
}: SmallExperiment): string {
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
${rounds}
configs:
${configs}
baseline: base
`
}
