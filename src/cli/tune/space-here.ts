/** The settings that race on this machine if the user of `exp tune` names none. */
import { confirmationRounds } from '../../analysis/race/race-step.ts'
import { roundsPerLook } from '../../analysis/race/race.ts'
import { resolveTarget } from '../../experiment/schema/written-target.ts'
import { kindFacts, requestedVersion, type Target } from '../../experiment/target-kinds.ts'
import { parseDuration } from '../../experiment/values/amount.ts'
import { isRead } from '../../experiment/values/reading.ts'
import { readMachine } from '../../host/facts/machine.ts'
import { systemTools, type MachineTools } from '../../host/machine-tools.ts'
import type { Choices } from '../../setup/choices.ts'
import { answerTokens, longestTask } from '../../setup/new-workload.ts'
import { defaultSpace, type TuneConditions, type TuneSpace } from '../../setup/tune-space.ts'
import { namesOtherMachine } from '../../targets/other-machine.ts'
import type { SetupContext } from '../init/choices-of-options.ts'
import type { PromptsFile } from '../init/prompts-file.ts'

/**
 * Reads facts about this machine. Starts nothing.
 * @param budget the time for the race and the confirmation, as the file has it
 */
export async function spaceOnThisMachine(
  choices: Choices,
  budget: string,
  prompts: PromptsFile | undefined,
  { ollama, words }: SetupContext,
): Promise<TuneSpace> {
  const target = resolveTarget(choices.servers[0]?.apply({}).target ?? 'process')
  const isInstalledHere = isNative(target) && !namesOtherMachine(target)
  const version = requestedVersion(target) ?? (isInstalledHere ? ollama.installed : undefined)
  const place: TuneConditions = {
    startsServer: kindFacts(target.kind).startsServer,
    isEmbedded: kindFacts(target.kind).isSynthetic,
    users: choices.users[0] ?? 1,
    ...(await coresAndGpu(target, systemTools())),
    ...(version === undefined || !/^v?\d/.test(version) ? {} : { version }),
    longestPrompt: prompts?.longestPrompt ?? longestTask(words),
    answerTokens,
  }
  return defaultSpace(place, combinationsWithin(budget, choices.duration))
}

const isNative = ({ kind }: Target) => kindFacts(kind).isNative

/**
 * The number of cores that the server can use, absent for a server on another machine; and whether it is known to use a
 * GPU.
 */
async function coresAndGpu(
  target: Target,
  tools: MachineTools,
): Promise<Pick<TuneConditions, 'cores' | 'hasGpu'>> {
  if (namesOtherMachine(target)) return { hasGpu: false }
  const facts = Object.assign(
    {},
    ...(await readMachine(tools)).map((reading) => reading.facts),
  ) as Readonly<Record<string, unknown>>
  const { physicalCores: known, gpu } = facts
  const physical = typeof known === 'number' ? known : tools.cpuCount
  const isIntelMac = tools.platform === 'darwin' && tools.architecture !== 'arm64'
  // A container has the GPU only if its settings say so, and the embedded engine never has it.
  const reachesGpu = isNative(target) || 'url' in target || 'gpus' in target
  return {
    cores: Math.min(physical, tools.cpuCount),
    hasGpu: reachesGpu && gpu !== undefined && gpu !== 'none' && !isIntelMac,
  }
}

/** A file without `maxConfigs` may have 24 configs. One of them is the default config. */
const maxCombinations = 23

/** The time of a trial outside its window: the start of the server, the load of the model and the warm-up. */
const startMs = 10_000

/**
 * How many combinations the budget allows: two rounds of each, and the confirmation of the best. The plan states the
 * real duration.
 */
function combinationsWithin(budget: string, duration: string): number {
  const [budgetMs, windowMs] = [budget, duration].map((text) => {
    const read = parseDuration(text)
    return isRead(read) ? read.value : undefined
  })
  if (budgetMs === undefined || windowMs === undefined) return maxCombinations
  const trials = budgetMs / (windowMs + startMs) - 2 * confirmationRounds
  return Math.min(maxCombinations, Math.floor(trials / roundsPerLook) - 1)
}
