/** How readers check the gain of a race's settings on their own server. */
import { forShell } from '../errors/quote.ts'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import type { Target } from '../experiment/target-kinds.ts'

/** Where Ollama listens if nothing else is set, natively and at the published port of a container. */
const defaultAddress = 'http://127.0.0.1:11434'

/** Two sides as arguments of `exp compare`: the default settings, and the reader's own server with the new ones. */
export interface TunedCheck {
  /** `smollm2:135m@native` */
  readonly before: string
  /** `smollm2:135m-tuned@http://127.0.0.1:11434` */
  readonly after: string
}

/** Undefined for the embedded engine, which nobody deploys. */
export function tunedCheck(config: MeasuredConfig, base: MeasuredConfig): TunedCheck | undefined {
  const [server, address] = [serverArgument(base.target), addressOf(base.target)]
  if (server === undefined || address === undefined) return undefined
  const hasOptions = Object.entries(config.options).some(
    ([name, value]) => String(base.options[name]) !== String(value),
  )
  const model = hasOptions ? tunedName(config.model.name) : config.model.name
  return { before: `${base.model.name}@${server}`, after: `${model}@${address}` }
}

/**
 * The command that measures the reader's server with an experiment's load and prompts, against the experiment's base.
 */
export function checkCommand({ after }: TunedCheck, file: string): string {
  return `exp compare ${forShell(after)} --like ${forShell(file)}`
}

/**
 * The name of a copy of the model whose parameters are the request options: `smollm2:135m-tuned` for `smollm2:135m`,
 * `qwen3:tuned` for `qwen3`.
 */
export function tunedName(model: string): string {
  const own = model.split('/').at(-1) ?? model
  return own.includes(':') ? `${own}-tuned` : `${own}:tuned`
}

/** The address of the server that gets the settings, without credentials; undefined for the embedded engine. */
export function addressOf(target: Target): string | undefined {
  if (target.kind === 'embedded') return undefined
  if (target.kind !== 'url') return defaultAddress
  const { origin, pathname } = new URL(target.url)
  return origin + pathname.replace(/\/+$/, '')
}

function serverArgument(target: Target): string | undefined {
  switch (target.kind) {
    case 'process':
      return 'native'
    case 'docker':
      return `docker:${target.image}`
    case 'url':
    case 'embedded':
      return addressOf(target)
  }
}
