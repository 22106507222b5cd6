/** All rules, in the order of `causes`. */
import type { Rule } from './rule.ts'
import { answerLength } from './rules/answer-length.ts'
import { cache } from './rules/cache.ts'
import { cannotAct } from './rules/cannot-act.ts'
import { client } from './rules/client.ts'
import { coldStart } from './rules/cold-start.ts'
import { context } from './rules/context.ts'
import { cpuOnly } from './rules/cpu-only.ts'
import { cpuQuota } from './rules/cpu-quota.ts'
import { cutAnswers } from './rules/cut-answers.ts'
import { decay } from './rules/decay.ts'
import { emulation } from './rules/emulation.ts'
import { gpuRequest } from './rules/gpu-request.ts'
import { keepAlive } from './rules/keep-alive.ts'
import { macContainer } from './rules/mac-container.ts'
import { model } from './rules/model.ts'
import { notApplied } from './rules/not-applied.ts'
import { notRead } from './rules/not-read.ts'
import { outside } from './rules/outside.ts'
import { overhead } from './rules/overhead.ts'
import { partialOffload } from './rules/partial-offload.ts'
import { quantization } from './rules/quantization.ts'
import { reload } from './rules/reload.ts'
import { saturation } from './rules/saturation.ts'
import type { SettingRule } from './rules/settings.ts'
import { slots } from './rules/slots.ts'
import { swap } from './rules/swap.ts'
import { thinking } from './rules/thinking.ts'
import { threads } from './rules/threads.ts'
import { truncated } from './rules/truncated.ts'
import { version } from './rules/version.ts'

/** About a pair. */
export const rules: readonly Rule[] = [
  coldStart,
  keepAlive,
  reload,
  thinking,
  cutAnswers,
  answerLength,
  truncated,
  cache,
  slots,
  client,
  outside,
  macContainer,
  gpuRequest,
  cpuOnly,
  partialOffload,
  emulation,
  cpuQuota,
  threads,
  saturation,
  swap,
  model,
  quantization,
  context,
  version,
  decay,
  overhead,
]

/** About the settings of configs, each by itself. */
export const settingRules: readonly SettingRule[] = [notRead, notApplied, cannotAct]
