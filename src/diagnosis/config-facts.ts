/** Facts about a config and its container, and sums over its trials. In this file, `undefined` means "not known". */
import { z } from 'zod'
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import type { MeasuredConfig, Experiment } from '../experiment/experiment.ts'
import { parseJson } from '../json/json.ts'
import { latencyPartIds } from '../metrics/catalog.ts'
import { modelsOf } from '../experiment/mix.ts'
import type { FactId, FactValue } from '../results/facts.ts'
import { kindFacts } from '../experiment/target-kinds.ts'

/** The config's key, which identifies it in the experiment. */
export function keyOf({ config }: ConfigAnalysis): string {
  return config.key
}

/** The fact's value if it is the same in all trials. */
export function factOf({ facts }: ConfigAnalysis, id: FactId): FactValue | undefined {
  const [value, ...others] = facts.get(id)?.values ?? []
  return others.length === 0 ? value : undefined
}

/** The fact's value if it is the same number in all trials. */
export function numberOf(config: ConfigAnalysis, id: FactId): number | undefined {
  const value = factOf(config, id)
  return typeof value === 'number' ? value : undefined
}

/** The fact's value if it is the same text in all trials. */
export function textOf(config: ConfigAnalysis, id: FactId): string | undefined {
  const value = factOf(config, id)
  return typeof value === 'string' ? value : undefined
}

export function figureOf({ figures }: ConfigAnalysis, id: string): number | undefined {
  return figures.get(id)?.value
}

export function endedTrials({ trials }: ConfigAnalysis): readonly TrialSummary[] {
  return trials.filter(({ outcome }) => outcome === 'ended')
}

/** The trials that ended; if none did, those that failed. */
export function triedTrials(side: ConfigAnalysis): readonly TrialSummary[] {
  const ended = endedTrials(side)
  return ended.length > 0 ? ended : side.trials.filter(({ outcome }) => outcome === 'failed')
}

/** The number of requests of the measured phase that failed. */
export function failedRequests(side: ConfigAnalysis): number {
  const counts = triedTrials(side).flatMap(({ failures }) => failures.map(({ count }) => count))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** The number of requests of the measured phase that succeeded or failed. */
export function sentRequests(side: ConfigAnalysis): number {
  return triedTrials(side).reduce((sum, { tallies }) => sum + tallies.ok, failedRequests(side))
}

export function total(
  config: ConfigAnalysis,
  valueOf: (trial: TrialSummary) => number | undefined,
): number {
  return endedTrials(config).reduce((sum, trial) => sum + (valueOf(trial) ?? 0), 0)
}

/** The share of counted requests in all ok requests, in percent; `undefined` if no request is ok. */
export function shareOfRequests(
  config: ConfigAnalysis,
  countOf: (trial: TrialSummary) => number,
): number | undefined {
  const ok = total(config, ({ tallies }) => tallies.ok)
  return ok === 0 ? undefined : (total(config, countOf) / ok) * 100
}

/** Concurrent users of a closed loop. */
export function usersOf({ config, figures }: ConfigAnalysis): number | undefined {
  if (config.kind === 'recorded') return figures.get('users')?.value
  return 'users' in config.workload.load ? config.workload.load.users : undefined
}

/** The number of requests that the server can compute at once. */
export function slotsOf(config: ConfigAnalysis): number | undefined {
  return (
    numberOf(config, 'slots') ??
    parseNumber(effectiveVariablesOf(config)?.get('OLLAMA_NUM_PARALLEL'))
  )
}

/** The number of requests that the server computes at once: at most one for each user. */
export function computedAtOnce(config: ConfigAnalysis): number | undefined {
  const [slots, users] = [slotsOf(config), usersOf(config)]
  return slots === undefined || users === undefined ? undefined : Math.min(slots, users)
}

/** The number of inference threads that the server uses or, if this is not known, that the requests ask for. */
export function threadsOf(side: ConfigAnalysis): number | undefined {
  const requested = side.config.options['num_thread']
  return (
    numberOf(side, 'threads') ??
    (typeof requested === 'number' && requested > 0 ? requested : undefined)
  )
}

/** The values of all variables that the server reads, from its log. */
export function effectiveVariablesOf(
  config: ConfigAnalysis,
): ReadonlyMap<string, string> | undefined {
  const map = textOf(config, 'serverConfig')
  if (map === undefined) return undefined
  const parsed = serverConfig.safeParse(map)
  return parsed.success ? new Map(Object.entries(parsed.data)) : undefined
}

/** The number of loads of other models while the server was measured; `undefined` if a trial has no log. */
export function otherModelLoads(side: ConfigAnalysis): number | undefined {
  return endedTrials(side).reduce<number | undefined>((sum, { evidence }) => {
    const counts = evidence.flatMap(({ facts }) => facts.otherModelLoads ?? []).map(Number)
    return sum === undefined || counts.length === 0 ? undefined : sum + Math.max(...counts)
  }, 0)
}

/** The number of models that the requests of a config name. */
export function modelsIn({ config }: Pick<ConfigAnalysis, 'config'>): number {
  return config.kind === 'measured' ? modelsOf(config).length : 1
}

/**
 * Codes of the settings that the server does not follow, according to its warnings in any trial; see `serverWarnings`.
 */
export function warningsOf({ facts }: ConfigAnalysis): readonly string[] {
  return (facts.get('serverWarnings')?.values ?? []).flatMap((value) => {
    const { data } = z.array(z.string()).safeParse(parseJson(String(value)))
    return data ?? []
  })
}

const serverConfig = z
  .string()
  .transform((text, context) => {
    const value = parseJson(text)
    if (value !== undefined) return value
    context.addIssue('not JSON')
    return z.NEVER
  })
  .pipe(z.record(z.string(), z.string()))

/** The kind of server that actually ran: `embedded` if the embedded engine replaced the target. */
export function targetOf(config: ConfigAnalysis): MeasuredConfig['target']['kind'] | undefined {
  const [first] = endedTrials(config)
  return first?.header.target.actual
}

export function isMeasured(config: ConfigAnalysis): boolean {
  return config.config.kind === 'measured' && endedTrials(config).length > 0
}

export function parseNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined
}

/** Prefill and decode together, in ms. */
export function computeOf(config: ConfigAnalysis): number | undefined {
  const [prefill, decode] = [figureOf(config, 'prefill'), figureOf(config, 'decode')]
  return prefill === undefined || decode === undefined ? undefined : prefill + decode
}

/** Mean latency in ms, as the sum of its parts. */
export function latencyOf(config: ConfigAnalysis): number | undefined {
  const parts = latencyPartIds.map((id) => figureOf(config, id))
  return parts.reduce<number | undefined>(
    (sum, part) => (sum === undefined || part === undefined ? undefined : sum + part),
    0,
  )
}

export function runsInContainer(side: ConfigAnalysis): boolean {
  const kind = targetOf(side)
  return kind !== undefined && kindFacts(kind).isContainer
}

/** True if exp did not start the server. It may then run on another machine, about which the results have no facts. */
export function mayRunElsewhere(side: ConfigAnalysis): boolean {
  const kind = targetOf(side)
  return kind !== undefined && !kindFacts(kind).startsServer
}

/** True if the load generator ran on another machine than the server; facts about the machine are then the server's. */
export function runsOnAnotherMachine({ trials }: ConfigAnalysis): boolean {
  return trials.some(({ header }) => header.serverHost !== undefined)
}

/** True if the host runs macOS, where a container runs in a virtual machine without a GPU; `undefined` if not known. */
export function isOnMac(side: ConfigAnalysis): boolean | undefined {
  const os = textOf(side, 'hostOs')
  return os === undefined ? undefined : /^mac ?os/i.test(os)
}

/**
 * True if the label or group of a recorded config says that it ran in a container, or if a document states its image.
 */
export function isDeclaredContainer({ config }: Pick<ConfigAnalysis, 'config'>): boolean {
  return (
    config.kind === 'recorded' &&
    (config.facts?.values.containerImage !== undefined ||
      /docker|container|容器/i.test(`${config.label} ${config.group}`))
  )
}

/** The Mac that the experiment file declares, for example `MacBook Pro M1 Pro`. */
export function declaredMac({ hardware }: Experiment): string | undefined {
  const device = hardware['device']
  return device !== undefined && /\bmac(book)?|\bimac|\bM[1-9]\b/i.test(device) ? device : undefined
}

/** True if the container was started with device requests; `undefined` if `docker inspect` was not read. */
export function requestsGpu(side: ConfigAnalysis): boolean | undefined {
  const requests = textOf(side, 'containerDeviceRequests')
  return requests === undefined ? undefined : requests !== '[]'
}

export function cpuQuotaOf(side: ConfigAnalysis): number | undefined {
  return numberOf(side, 'containerCpus')
}
