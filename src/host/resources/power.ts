/**
 * Reads the power and energy of this machine: Linux's energy counters, `nvidia-smi`, and a file of macOS's
 * `powermetrics`.
 */
import { CommandFailure } from '../command.ts'
import type { MachineTools } from '../machine-tools.ts'

const powercap = '/sys/class/powercap'

/**
 * Returns a function that reads how many joules the processor packages and their memory have used since its first call.
 * The counters of Intel and AMD (RAPL) are in microjoules, and start again at 0 when they reach the end of their range.
 */
export function energyCounter(tools: MachineTools): () => Promise<number> {
  let zones: readonly EnergyZone[] | undefined
  let counters: readonly number[] | undefined
  let microjoules = 0
  return async () => {
    zones ??= await energyZones(tools)
    const now = await Promise.all(zones.map(({ folder }) => readCounter(folder, tools)))
    const before = counters ?? now
    for (const [index, { range }] of zones.entries())
      microjoules += counterGrowth(before[index] ?? NaN, now[index] ?? NaN, range)
    counters = now
    return Math.round(microjoules / 1000) / 1000
  }
}

interface EnergyZone {
  readonly folder: string
  /** The end of the counter's range. */
  readonly range: number
}

/**
 * The counters of the processor packages, and of their memory, which a package's counter does not include. Throws if
 * there are none.
 */
async function energyZones(tools: MachineTools): Promise<readonly EnergyZone[]> {
  const folders = (await tools.list(powercap))
    .filter((name) => /^intel-rapl:\d+(?::\d+)?$/.test(name))
    .map((name) => `${powercap}/${name}`)
  const zones = await Promise.all(
    folders.map(async (folder) => ({
      folder,
      name: await tools.readText(`${folder}/name`).catch(() => ''),
      range: Number(await tools.readText(`${folder}/max_energy_range_uj`).catch(() => 'unknown')),
    })),
  )
  const used = zones.filter(({ name }) => /^(?:package-\d+|dram)$/.test(name.trim()))
  if (used.length === 0) throw new Error('the processor shows no energy counter')
  return used
}

async function readCounter(folder: string, tools: MachineTools): Promise<number> {
  const text = await tools.readText(`${folder}/energy_uj`).catch(() => '')
  if (/^\d+\s*$/.test(text)) return Number(text)
  throw new Error(
    'only root may read the energy counters of the processor; make each `energy_uj` below `/sys/class/powercap` readable',
  )
}

/** How much a counter has grown. It is read each second, so it has wrapped around to 0 at most once. */
export function counterGrowth(before: number, now: number, range: number): number {
  return now >= before ? now - before : now + range - before
}

export async function nvidiaPower(tools: MachineTools): Promise<number> {
  const query = ['--query-gpu=power.draw', '--format=csv,noheader,nounits']
  return parsePowerDraw(await tools.run('nvidia-smi', query))
}

/** Parses lines such as `61.37`, one for each GPU, into the sum in watts. Throws if a GPU does not report its power. */
export function parsePowerDraw(csv: string): number {
  const lines = csv.split('\n').filter((line) => line.trim() !== '')
  const watts = lines.map(Number)
  if (watts.length === 0 || watts.some(Number.isNaN))
    throw new Error('a GPU does not report its power to `nvidia-smi`')
  return watts.reduce((total, value) => total + value, 0)
}

/**
 * Returns a function that reads the power in the newest sample of a file, and throws if no sample was added since its
 * last call.
 */
export function powermetricsReader(
  file: string | undefined,
  tools: MachineTools,
): () => Promise<number> {
  let previous: string | undefined
  return async () => {
    if (file === undefined)
      throw new Error(
        '`powermetrics` needs root: run `sudo powermetrics --samplers cpu_power,gpu_power -i 1000 -o FILE`, and add `powermetrics: FILE` to `exp.local.yaml`',
      )
    const sample = parsePowermetrics(await endOfFile(file, tools))
    if (sample === undefined) throw new Error('the file of `powermetrics` contains no power')
    if (sample.taken === previous) throw new Error('`powermetrics` has written no new sample')
    previous = sample.taken
    return sample.watts
  }
}

/** A sample is a few thousand bytes long. */
const tailBytes = 64 * 1024

async function endOfFile(file: string, tools: MachineTools): Promise<string> {
  try {
    return await tools.run('tail', ['-c', String(tailBytes), file])
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    throw new Error(`the file of \`powermetrics\` cannot be read: ${error.message}`, {
      cause: error,
    })
  }
}

export interface PowermetricsSample {
  /** When it was taken, as `powermetrics` writes it. */
  readonly taken: string
  readonly watts: number
}

/**
 * Parses the newest sample with a power in the text output of `powermetrics`:
 * `Combined Power (CPU + GPU + ANE): 983 mW` on Apple silicon,
 * `Intel energy model derived package power (CPUs+GT+SA): 12.39W` on Intel.
 */
export function parsePowermetrics(output: string): PowermetricsSample | undefined {
  const power =
    /^(?:Combined Power \([^)]*\)|Package Power|Intel energy model derived package power \([^)]*\)): *([\d.]+) *(m?W)\b/m
  const samples = output.split('*** Sampled system activity ').slice(1)
  return samples
    .map((text) => {
      const [, value, unit] = power.exec(text) ?? []
      if (value === undefined) return undefined
      const taken = text.split('\n', 1)[0] ?? ''
      return { taken, watts: unit === 'mW' ? Number(value) / 1000 : Number(value) }
    })
    .findLast((sample) => sample !== undefined)
}
