/** Warnings about levels of a grid that cannot act together in some of its cells. */
import { quoted } from '../../errors/quote.ts'
import type { FileRule } from '../draft.ts'
import type { Config, MeasuredConfig } from '../experiment.ts'
import type { Problem } from '../problem.ts'
import { compilePrompt } from '../prompt.ts'
import type { Path } from '../source/source.ts'

const slotsVariable = 'OLLAMA_NUM_PARALLEL'
const contextVariable = 'OLLAMA_CONTEXT_LENGTH'

export const gridLevels: FileRule = ({ draft: { source, grid }, configs }) => {
  if (grid === undefined) return []
  const keys = new Set(grid.cells.map(({ config }) => config))
  const cells = configs.filter(isMeasured).filter(({ key }) => keys.has(key))
  const longest = longestPrompts()
  const warning = (key: string, place: Path, message: string, hint: string): Problem =>
    source.problem(['configs', key, ...place], {
      code: 'void-setting',
      severity: 'warning',
      message,
      hint,
    })
  return cells.flatMap((cell): readonly Problem[] => {
    const { key, env, options, workload } = cell
    const slots = Number(env[slotsVariable])
    const users = workload.load.kind === 'open' ? Infinity : workload.load.users
    const context = Number(options['num_ctx'] ?? env[contextVariable])
    const tokens = Math.ceil(longest(cell) / bytesPerToken)
    const contextPlace =
      options['num_ctx'] === undefined ? ['env', contextVariable] : ['options', 'num_ctx']
    return [
      ...(slots > users
        ? [
            warning(
              key,
              ['env', slotsVariable],
              `with ${String(users)} ${users === 1 ? 'user' : 'users'}, only ${String(users)} of ${String(slots)} slots ${users === 1 ? 'is' : 'are'} ever used`,
              `leave the combination out, unless you want to see this: \`exclude: [{${slotsVariable}: ${String(slots)}, users: ${String(users)}}]\``,
            ),
          ]
        : []),
      ...(context < tokens
        ? [
            warning(
              key,
              contextPlace,
              `a context of ${String(context)} tokens is shorter than the longest prompt of ${quoted(cell.dataset.name)}, about ${String(tokens)} tokens`,
              'Ollama cuts the prompt or refuses it: leave this level out, or shorten the samples',
            ),
          ]
        : []),
    ]
  })
}

/** A rough mean: four letters of English, and a little more than one Han character. */
export const bytesPerToken = 4

function isMeasured(config: Config): config is MeasuredConfig {
  return config.kind === 'measured'
}

/**
 * Returns the bytes of the longest prompt of a config with its system text. Configs with the same words share the work.
 */
function longestPrompts(): (config: MeasuredConfig) => number {
  const known = new Map<string, number>()
  return ({ workload, dataset }) => {
    const { system = '', prompt } = workload
    const key = JSON.stringify([system, prompt, dataset.digest])
    const bytes = known.get(key) ?? longestOf({ workload, dataset })
    known.set(key, bytes)
    return bytes
  }
}

function longestOf({ workload, dataset }: Pick<MeasuredConfig, 'workload' | 'dataset'>): number {
  try {
    const render = compilePrompt(workload)
    const sizes = dataset.samples.map((sample) => Buffer.byteLength(render(sample)))
    return Buffer.byteLength(workload.system ?? '') + Math.max(0, ...sizes)
  } catch {
    // A template that cannot be rendered is a problem of its own.
    return 0
  }
}
