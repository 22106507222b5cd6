/** Two configs on simulated servers, what is known of each, and what their pair is diagnosed as. */
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import type { Cause } from '../../src/diagnosis/rules.ts'
import type { Diagnosis, Explanation, WithCause } from '../../src/diagnosis/diagnosis.ts'
import type { RuleResult } from '../../src/diagnosis/rule.ts'
import type { Config, Experiment, MeasuredConfig } from '../../src/experiment/experiment.ts'
import type { FactId, FactValue } from '../../src/results/facts.ts'
import type { Evidence } from '../../src/results/record.ts'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import { analysisOf, roundsOf } from '../analysis/story.ts'
import type { Simulation } from '../analysis/simulate.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'

type Result = WithCause<NonNullable<RuleResult>>

export type Facts = Readonly<Partial<Record<FactId, FactValue | undefined>>>

export interface Side {
  readonly config?: Partial<MeasuredConfig>
  /** In place of the usual ones; undefined takes one away. */
  readonly facts?: Facts
  /** At the end of each trial, where that differs. */
  readonly after?: Facts
  readonly server?: Simulation
  /** What varies from round to round. */
  readonly round?: (round: number) => Simulation
}

const sha = (letter: string) => letter.repeat(64)

/** A healthy server on a machine with 8 cores, its model wholly on a GPU, with a slot for each of 3 users. */
export const usual = {
  serverVersion: '0.11.3',
  serverConfig: JSON.stringify({
    OLLAMA_NUM_PARALLEL: '4',
    OLLAMA_KEEP_ALIVE: '5m0s',
    OLLAMA_MAX_QUEUE: '512',
  }),
  threads: 6,
  slots: 4,
  computeDevice: 'CUDA',
  layersOffloaded: 29,
  layersTotal: 29,
  loadCount: 0,
  truncatedPrompts: 0,
  modelDigest: sha('a'),
  quantization: 'Q4_K_M',
  loadedSizeBytes: 1_000_000,
  vramBytes: 1_000_000,
  contextLength: 4096,
  hostOs: 'Debian GNU/Linux 12',
  hostArchitecture: 'x86_64',
  cpuCount: 8,
  swapInPages: 0,
} as const satisfies Facts

export const onCpu: Facts = { computeDevice: 'CPU', layersOffloaded: 0, vramBytes: 0 }

/** As `docker` would run it on this machine. */
export const inDocker = {
  target: { kind: 'docker', image: 'ollama/ollama:0.11.3', pull: false },
} as const satisfies Partial<MeasuredConfig>
export const dockerFacts: Facts = {
  containerArchitecture: 'amd64',
  containerDeviceRequests: '[]',
  engineHost: 'Debian GNU/Linux 12',
}

function evidence(facts: Facts, atMs: number, when: Evidence['when']): Evidence {
  const known = Object.entries(facts).flatMap(([id, value]) =>
    value === undefined ? [] : [[id, value] as const],
  )
  return { type: 'evidence', atMs, when, source: 'server log', facts: Object.fromEntries(known) }
}

/** Of one side. */
export function trials(
  key: string,
  side: Side,
  kind: MeasuredConfig['target']['kind'],
  rounds: number,
): readonly TrialSummary[] {
  const facts = { ...usual, ...side.facts }
  return roundsOf(key, rounds, (round) => ({
    windowMs: 8_000,
    noise: 0.05,
    ...side.server,
    ...side.round?.(round),
    evidence: [
      evidence(facts, 100, 'before'),
      evidence({ ...facts, ...side.after }, 9_000, 'after'),
    ],
    header: {
      target: { asked: kind, actual: kind, standIn: false },
      ...side.server?.header,
    },
  }))
}

export interface Pair {
  readonly slow: Side
  readonly fast: Side
  /** Beside those two. */
  readonly others?: Readonly<Record<string, Side>>
  readonly rounds?: number
  readonly experiment?: Partial<Experiment>
}

/** `slow` against the baseline `fast`. */
export function diagnosed(pair: Pair): Diagnosis {
  return examined(pair).diagnosis
}

/** The same, with what it is the diagnosis of. */
export function examined({ slow, fast, others = {}, rounds = 6, experiment = {} }: Pair) {
  const sides = Object.entries({ fast, slow, ...others })
  const configs = sides.map(([key, { config }]): Config => measuredConfig(key, config))
  const whole = experimentOf(configs, { baseline: 'fast', rounds, ...experiment })
  const stored = sides.map(([key, side]) => {
    const kind = side.config?.target?.kind ?? 'process'
    return [key, trials(key, side, kind, rounds)] as const
  })
  const analysis = analysisOf(whole, Object.fromEntries(stored))
  return { experiment: whole, analysis, diagnosis: diagnose(whole, analysis) }
}

export function explanationOf(pair: Pair): Explanation {
  const [explanation] = diagnosed(pair).explanations
  if (explanation === undefined) throw new Error('nothing was explained')
  return explanation
}

/** What became of one cause; undefined where it was not meant. */
export function lookedFor(cause: Cause, pair: Pair): Result | undefined {
  const { findings, ruledOut, unchecked } = explanationOf(pair)
  return [...findings, ...ruledOut, ...unchecked].find((each) => each.cause === cause)
}

/** What became of one cause that is about settings, of each config by itself. */
export function settingsLookedFor(cause: Cause, pair: Pair): Result | undefined {
  const { settings, settingsRuledOut, settingsUnchecked } = diagnosed(pair)
  return [...settings, ...settingsRuledOut, ...settingsUnchecked].find(
    (each) => each.cause === cause,
  )
}

/** Codes of the statements of a finding or of what was ruled out. */
export function codes(examination: Result | undefined): readonly string[] {
  if (examination === undefined || examination.outcome === 'unchecked') return []
  return examination.evidence.map(({ code }) => code)
}
