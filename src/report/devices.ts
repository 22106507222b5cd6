/** The devices of the measurement: the machines that were detected, and the one that the file declares. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { contradictsMachine } from '../analysis/declared-hardware.ts'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { bytes } from '../format/number.ts'
import { oneLine } from '../format/plain-text.ts'
import type { Markdown } from '../markdown/markdown.ts'
import type { FactId } from '../results/facts.ts'
import type { Context } from './context.ts'
import type { EnvironmentView } from './view.ts'

export type Measured = ConfigAnalysis & { readonly config: MeasuredConfig }

export function measuredConfigs({ analysis }: Context): readonly Measured[] {
  return analysis.configs.filter((each): each is Measured => each.config.kind === 'measured')
}

/** The detected machines; and the declared device, if figures are recorded or no machine was detected. */
export function devices(
  context: Context,
): Pick<EnvironmentView, 'device' | 'detected' | 'ofRecorded'> {
  const { analysis } = context
  const machines = detectedMachines(context)
  const ofRecorded = analysis.configs.some(({ state }) => state === 'recorded')
  return {
    device: ofRecorded || machines === null ? declaredDevice(context) : null,
    detected: machines,
    ofRecorded,
  }
}

/** Each machine once; with the names of its configs, if there are several. */
function detectedMachines(context: Context): string | null {
  const { labels, words } = context
  const configsOf = new Map<string, string[]>()
  for (const measured of measuredConfigs(context)) {
    const device = detectedHardware(measured, context)
    if (device === '') continue
    configsOf.set(device, [...(configsOf.get(device) ?? []), labels.full(measured.config.key)])
  }
  const devices = [...configsOf].map(([device, configs]) =>
    configsOf.size === 1
      ? device
      : words.text('device.of', { device, configs: configs.join(words.text('join.list')) }),
  )
  return orNull(devices, '; ')
}

/** A warning if the declared hardware contradicts a machine on which a config was measured. */
export function hardwareWarnings(context: Context): readonly Markdown[] {
  const { experiment, words } = context
  const declared = declaredDevice(context)
  const others = measuredConfigs(context).filter((config) =>
    contradictsMachine(experiment.hardware, config),
  )
  const machines = orNull(unique(others.map((config) => detectedHardware(config, context))), '; ')
  if (declared === null || machines === null) return []
  return [words.markdown('answer.otherHardware', { declared, detected: machines })]
}

/** The declared device: `MacBook Pro M1 Pro (32GB 内存, 8核 CPU)`. */
function declaredDevice({ experiment: { hardware }, words }: Context): string | null {
  const { device: name, ...rest } = hardware
  const details = Object.entries(rest).map(([key, value]) => {
    if (key === 'memory') return words.text('hardware.memory', { value })
    if (key === 'cpu') return words.text('hardware.cpu', { value })
    return `${key}: ${value}`
  })
  if (name === undefined) return orNull(details, ', ')
  return details.length === 0 ? name : `${name} (${details.join(', ')})`
}

/** The machine of a config in one line; empty if no fact about it is known. */
function detectedHardware({ facts }: ConfigAnalysis, { words }: Context): string {
  const first = (id: FactId) => facts.get(id)?.values[0]
  const number = (id: FactId) => {
    const value = first(id)
    return typeof value === 'number' ? value : undefined
  }
  const [performance, efficiency, count] = [
    number('performanceCores'),
    number('efficiencyCores'),
    number('cpuCount'),
  ]
  const memory = number('memoryBytes')
  const cores =
    performance !== undefined && efficiency !== undefined && efficiency > 0
      ? words.text('detected.performanceCores', { performance, efficiency })
      : count === undefined
        ? ''
        : words.text('detected.cores', { count })
  return [
    text(first('cpuModel')),
    cores,
    memory === undefined ? '' : words.text('detected.memory', { value: bytes(memory) }),
    first('gpu') === 'none' ? words.text('detected.noGpu') : text(first('gpu')),
    text(first('hostOs')),
    first('powerSource') === 'battery' ? words.text('detected.battery') : '',
    first('powerMode') === 'low' ? words.text('detected.lowPower') : '',
  ]
    .filter((part) => part !== '')
    .join(words.text('join.clauses'))
}

/**
 * CPUs and memory of a container engine that runs in a virtual machine, such as Docker Desktop. Empty if the engine has
 * the whole machine.
 */
export function containerEngineText({ facts }: ConfigAnalysis, { words }: Context): string {
  const number = (id: FactId) => Number(facts.get(id)?.values[0] ?? Number.NaN)
  const [cpus, memory] = [number('engineCpus'), number('engineMemoryBytes')]
  // The kernel reserves some memory, so the engine's share of the whole machine is slightly below 1.
  const isWhole =
    cpus >= number('cpuCount') && memory >= number('memoryBytes') * minShareOfWholeMemory
  if (Number.isNaN(cpus) || Number.isNaN(memory) || isWhole) return ''
  return words.text('detected.engine', {
    name: text(facts.get('engineHost')?.values[0]),
    version: text(facts.get('engineVersion')?.values[0]),
    cpus,
    memory: bytes(memory),
  })
}

const minShareOfWholeMemory = 0.95

function text(value: unknown): string {
  return typeof value === 'string' ? oneLine(value) : ''
}

/** The distinct texts that are not empty. */
export function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== ''))]
}

export function orNull(values: readonly string[], separator: string): string | null {
  return values.length === 0 ? null : values.join(separator)
}
