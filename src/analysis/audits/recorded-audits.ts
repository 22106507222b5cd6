/** Audits figures from a document against each other, as far as the document gives them. */
import type { RecordedConfig } from '../../experiment/experiment.ts'
import type { MetricId } from '../../metrics/catalog.ts'
import { passOrFail, type Audit } from './audit.ts'

const tokenTolerance = 0.05
const inFlightTolerance = 0.1

/**
 * @param base the recorded config that this one inherits from; its number of users applies if the config has none
 */
export function recordedAudits(
  { figures }: RecordedConfig,
  base?: RecordedConfig,
): readonly Audit[] {
  const recorded: RecordedFigures = new Map(figures.map(({ metric, value }) => [metric, value]))
  const users = base?.figures.find(({ metric }) => metric === 'users')?.value
  return [tokenSum(recorded), littlesLaw(recorded, users)].filter((audit) => audit !== undefined)
}

type RecordedFigures = ReadonlyMap<string, number>

/** Checks that throughput equals requests per second times output tokens per request. */
function tokenSum(recorded: RecordedFigures): Audit | undefined {
  const [qps, outputTokens, throughput] = pick(recorded, ['qps', 'outputTokens', 'throughput'])
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
 * Checks that requests per second times mean latency, which is the number of requests in flight, equals the number of
 * users (Little 1961).
 * @param inherited the users to assume if the document does not give them. The audit then has a number `inherited: 1`,
 *   so that the report can say so.
 */
function littlesLaw(recorded: RecordedFigures, inherited: number | undefined): Audit | undefined {
  const [qps, latencyMs, recordedUsers] = pick(recorded, ['qps', 'latencyMean', 'users'])
  const users = recordedUsers ?? inherited
  if (qps === undefined || latencyMs === undefined || users === undefined) return undefined
  const inFlight = (qps * latencyMs) / 1000
  return passOrFail('littlesLaw', Math.abs(inFlight / users - 1) <= inFlightTolerance, {
    inFlight,
    users,
    ...(recordedUsers === undefined && { inherited: 1 }),
  })
}

function pick(
  recorded: RecordedFigures,
  metrics: readonly MetricId[],
): readonly (number | undefined)[] {
  return metrics.map((metric) => recorded.get(metric))
}
