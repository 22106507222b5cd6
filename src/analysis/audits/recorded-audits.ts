/** Figures out of a document, checked against each other as far as it gives them. */
import type { RecordedConfig } from '../../experiment/experiment.ts'
import { passOrFail, type Audit } from './audit.ts'

const tokenTolerance = 0.05
const inFlightTolerance = 0.1

/** @param base the recorded config that it comes from: its load holds where the document does not repeat it */
export function recordedAudits(
  { figures }: RecordedConfig,
  base?: RecordedConfig,
): readonly Audit[] {
  const given: Given = new Map(figures.map(({ metric, value }) => [metric, value]))
  const users = base?.figures.find(({ metric }) => metric === 'users')?.value
  return [tokenSum(given), littlesLaw(given, users)].filter((audit) => audit !== undefined)
}

type Given = ReadonlyMap<string, number>

/** Throughput is requests a second times tokens a request. */
function tokenSum(given: Given): Audit | undefined {
  const [qps, outputTokens, throughput] = pick(given, ['qps', 'outputTokens', 'throughput'])
  if (qps === undefined || outputTokens === undefined || throughput === undefined) return undefined
  const product = qps * outputTokens
  return passOrFail('tokenSum', Math.abs(throughput / product - 1) <= tokenTolerance, {
    throughput,
    product,
    qps,
    outputTokens,
  })
}

/**
 * Requests a second times the time of each are those in flight: the users (Little 1961).
 * @param inherited users to take where the document does not say; the audit's `inherited` is 1 then
 */
function littlesLaw(given: Given, inherited: number | undefined): Audit | undefined {
  const [qps, latencyMs, own] = pick(given, ['qps', 'latencyMean', 'users'])
  const users = own ?? inherited
  if (qps === undefined || latencyMs === undefined || users === undefined) return undefined
  const inFlight = (qps * latencyMs) / 1000
  return passOrFail('littlesLaw', Math.abs(inFlight / users - 1) <= inFlightTolerance, {
    inFlight,
    users,
    ...(own === undefined && { inherited: 1 }),
  })
}

function pick(given: Given, metrics: readonly string[]): readonly (number | undefined)[] {
  return metrics.map((metric) => given.get(metric))
}
