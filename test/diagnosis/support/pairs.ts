/** Pairs of configs on simulated servers, and their diagnosis. */
import type { Simulation } from '../../analysis/simulate.ts'
import { analysisOf, roundsOf } from '../../analysis/simulated-analysis.ts'
import { experimentOf, measuredConfig } from '../../report/support/analysis.ts'
import type { TrialSummary } from '../../../src/analysis/trial-summary.ts'
import { diagnose } from '../../../src/diagnosis/diagnose.ts'
import type { Diagnosis, Explanation, WithCause } from '../../../src/diagnosis/diagnosis.ts'
import type { RuleResult } from '../../../src/diagnosis/rule.ts'
import type { Cause } from '../../../src/diagnosis/rules.ts'
import type { Config, Experiment, MeasuredConfig } from '../../../src/experiment/experiment.ts'
import type { FactId, FactValue } from '../../../src/results/facts.ts'
import type { Evidence } from '../../../src/results/record.ts'

type Result = WithCause<NonNullable<RuleResult>>

export type Facts = Readonly<Partial<Record<FactId, FactValue | undefined>>>

export interface Side {
  readonly config?: Partial<MeasuredConfig>
  /** Override `healthyFacts`; undefined removes a fact. */
  readonly facts?: Facts
  /** Facts that differ at the end of each trial. */
  readonly after?: Facts
  readonly server?: Simulation
  /** Changes per round. */
  readonly round?: (round: number) => Simulation
}

const sha = (letter: string) => letter.repeat(64)

/** Facts of a healthy server: 8 cores, the model entirely on a GPU, a slot for each of 3 users. */
export const healthyFacts = {
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

/** A config that runs in Docker. */
export const inDocker = {
  target: { kind: 'docker', image: 'ollama/ollama:0.11.3', pull: false },
} as const satisfies Partial<MeasuredConfig>
export const dockerFacts: Facts = {
  containerArchitecture: 'amd64',
  containerDeviceRequests: '[]',
  engineHost: 'Debian GNU/Linux 12',
}

/** Facts of a Mac. */
export const macFacts: Facts = { hostOs: 'macOS 15.6 (24G84)', hostArchitecture: 'arm64' }

/** A server that computes at a third of the usual speed. */
export const slower = { pace: 3 }

/** A Mac whose server computes on the GPU. */
export const metal = { facts: { ...macFacts, computeDevice: 'Metal' } } satisfies Side

/** A container on that Mac, without a GPU. */
export const dockerOnMac = {
  config: inDocker,
  server: slower,
  facts: {
    ...dockerFacts,
    ...onCpu,
    ...macFacts,
    containerArchitecture: 'arm64',
    engineHost: 'Docker Desktop',
  },
} satisfies Side

/** Removes all facts that show which device computes. */
export const unknownDevice = {
  computeDevice: undefined,
  layersOffloaded: undefined,
  layersTotal: undefined,
  vramBytes: undefined,
} satisfies Facts

function evidence(facts: Facts, atMs: number, when: Evidence['when']): Evidence {
  const known = Object.entries(facts).flatMap(([id, value]) =>
    value === undefined ? [] : [[id, value] as const],
  )
  return { type: 'evidence', atMs, when, source: 'server log', facts: Object.fromEntries(known) }
}

/** A server with another number of slots was asked for that number. */
function slotsAsRequested(slots: FactValue | undefined): Facts {
  if (slots === undefined) return {}
  const variables = JSON.parse(healthyFacts.serverConfig) as Record<string, string>
  return { serverConfig: JSON.stringify({ ...variables, OLLAMA_NUM_PARALLEL: String(slots) }) }
}

/** The simulated trials of one side. */
export function trials(
  key: string,
  side: Side,
  kind: MeasuredConfig['target']['kind'],
  rounds: number,
): readonly TrialSummary[] {
  const facts = { ...healthyFacts, ...slotsAsRequested(side.facts?.slots), ...side.facts }
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
  /** Further configs by key. */
  readonly others?: Readonly<Record<string, Side>>
  readonly rounds?: number
  readonly experiment?: Partial<Experiment>
}

/** The diagnosis of `slow` against the baseline `fast`. */
export function diagnosisOf(pair: Pair): Diagnosis {
  return diagnosePair(pair).diagnosis
}

/** The diagnosis with its experiment and analysis. */
export function diagnosePair({ slow, fast, others = {}, rounds = 6, experiment = {} }: Pair) {
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
  const [explanation] = diagnosisOf(pair).explanations
  if (explanation === undefined) throw new Error('nothing was explained')
  return explanation
}

/** The result of a rule about the pair; undefined if the rule does not apply. */
export function resultOf(cause: Cause, pair: Pair): Result | undefined {
  const { findings, ruledOut, unchecked } = explanationOf(pair)
  return [...findings, ...ruledOut, ...unchecked].find((each) => each.cause === cause)
}

/**
 * The result of a rule about single configs: their settings, failed requests or late first tokens; undefined if the
 * rule does not apply.
 */
export function configResultOf(cause: Cause, pair: Pair): Result | undefined {
  const { failures, delivery, settings, configsRuledOut, configsUnchecked } = diagnosisOf(pair)
  const findings = [...failures, ...delivery, ...settings]
  return [...findings, ...configsRuledOut, ...configsUnchecked].find((each) => each.cause === cause)
}

/** Codes of the evidence; empty if the rule could not decide. */
export function evidenceCodes(examination: Result | undefined): readonly string[] {
  if (examination === undefined || examination.outcome === 'unchecked') return []
  return examination.evidence.map(({ code }) => code)
}
