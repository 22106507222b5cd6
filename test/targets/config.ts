/** Builds a config for a target, with the minimum that the types require. */
import type { MeasuredConfig } from '../../src/experiment/experiment.ts'
import type { Target } from '../../src/experiment/target-kinds.ts'

export function configFor(
  target: Target,
  changes: Partial<Pick<MeasuredConfig, 'env' | 'model' | 'options'>> = {},
): MeasuredConfig {
  return {
    kind: 'measured',
    key: 'config',
    label: 'config',
    group: 'config',
    measurementDigest: `sha256:${'0'.repeat(64)}`,
    env: {},
    accept: [],
    target,
    model: { name: 'qwen3:0.6b' },
    options: { num_ctx: 1024 },
    workload: {
      api: 'chat',
      prompt: '{{text}}',
      load: { kind: 'closed-requests', users: 1, requests: 1 },
      warmupRequests: 0,
      cache: 'as-is',
      timeoutMs: 60_000,
    },
    dataset: { name: 'd', samples: [], checks: [], digest: `sha256:${'0'.repeat(64)}` },
    settleMs: 0,
    ...changes,
  }
}
