/** Which requests the load of a trial sends: the load of the config, its warm-up, samples, conversations and mix. */
import { hasConversations, sampleGroups } from '../experiment/conversations.ts'
import type { Dataset } from '../experiment/dataset.ts'
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { keptSampleIds } from '../experiment/kept-workload.ts'
import { requestKindsOf } from '../experiment/mix.ts'
import type { LoadPlan } from '../load/load-plan.ts'
import { mixStream, seededRandom } from './random.ts'

type Keep = Experiment['keep']

export function requestPlan(
  config: MeasuredConfig,
  keep: Keep,
  seed: number,
): Omit<LoadPlan, 'idleLoopDelayP99Ms'> {
  const { workload, dataset } = config
  return {
    load: workload.load,
    warmupRequests: warmupRequests(config),
    samples: keptSampleIds(dataset, keep.prompts),
    ...sampleConversations(dataset),
    ...mixOf(config, keep, seed),
    timeoutMs: workload.timeoutMs,
  }
}

/** The warm-up sends at least one request of each item of a mix, and with `cache: warm` each sample at least once. */
function warmupRequests(config: MeasuredConfig): number {
  const { warmupRequests: requested, cache } = config.workload
  const kinds = requestKindsOf(config)
  if (requested === 0 && cache !== 'warm') return 0
  const samples = Math.max(...kinds.map((kind) => kind.config.dataset.samples.length))
  return Math.max(requested, kinds.length * (cache === 'warm' ? samples : 1))
}

function mixOf(config: MeasuredConfig, keep: Keep, seed: number): Pick<LoadPlan, 'mix'> {
  const kinds = requestKindsOf(config).flatMap(({ item, weight, config: { dataset } }) =>
    item === undefined
      ? []
      : [
          {
            item,
            weight,
            samples: keptSampleIds(dataset, keep.prompts),
            ...sampleConversations(dataset),
          },
        ],
  )
  return kinds.length === 0 ? {} : { mix: { kinds, random: seededRandom(seed, mixStream) } }
}

function sampleConversations({ samples }: Dataset): Pick<LoadPlan, 'conversations'> {
  return hasConversations(samples) ? { conversations: sampleGroups(samples) } : {}
}
