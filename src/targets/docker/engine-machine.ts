/**
 * Facts about the machine of an engine that a Docker context names. They come from `docker info`, and from files in
 * /proc that show the same inside a container as on its machine.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import {
  parseCpuModel,
  parseLoadAverage,
  parseMeminfo,
  parseNvidia,
  parseSwapIns,
} from '../../host/facts/linux.ts'
import { machineFactIds, type MachineFacts } from '../../host/facts/machine-facts.ts'
import { errorMessage, missingObservation, observation } from '../evidence/observe.ts'
import type { Observation } from '../target.ts'
import type { Docker } from './docker-cli.ts'

const engineInfo = z.object({
  ID: z.string().min(1),
  OperatingSystem: z.string(),
  KernelVersion: z.string(),
  Architecture: z.string(),
  NCPU: z.int().positive(),
  MemTotal: z.number().positive(),
})

const timeoutMs = 30_000

function readInfo(docker: Docker, signal: AbortSignal): Promise<z.infer<typeof engineInfo>> {
  return docker.json(['info', '--format={{json .}}'], engineInfo, { signal, timeoutMs })
}

/** Twelve hexadecimal digits that are the same in every run on one engine: a digest of its id. */
export async function engineMachineId(docker: Docker, signal: AbortSignal): Promise<string> {
  const { ID } = await readInfo(docker, signal)
  return createHash('sha256').update(`exp engine ${ID}`).digest('hex').slice(0, 12)
}

const infoFacts = ['hostOs', 'hostArchitecture', 'cpuCount', 'memoryBytes'] as const
const changingFacts = ['loadAverage', 'memoryFreeBytes', 'swapUsedBytes', 'swapInPages'] as const
const procFacts = ['cpuModel', ...changingFacts] as const
const unavailableFacts = machineFactIds.filter(
  (id) => id !== 'gpu' && ![...infoFacts, ...procFacts].some((known) => known === id),
)

/**
 * Reads the facts of the engine's machine. Never throws.
 * @param container its name or id; it must be running
 * @param usesGpus true if the container was given GPUs: then it may contain `nvidia-smi`
 */
export async function observeEngineMachine(
  docker: Docker,
  container: string,
  usesGpus: boolean,
  which: 'all' | 'changing',
  signal: AbortSignal,
): Promise<readonly Observation[]> {
  const proc = await observeProc(
    docker,
    container,
    which === 'all' ? procFacts : changingFacts,
    signal,
  )
  if (which === 'changing') return [proc]
  return [
    await observeInfo(docker, signal),
    proc,
    await observeGpu(docker, container, usesGpus, signal),
    missingObservation(
      'docker info',
      unavailableFacts,
      'Docker does not say this of another machine',
    ),
  ]
}

async function observeInfo(docker: Docker, signal: AbortSignal): Promise<Observation> {
  try {
    const info = await readInfo(docker, signal)
    return observation(
      'docker info',
      infoFacts,
      {
        hostOs: `${info.OperatingSystem}, kernel ${info.KernelVersion}`,
        hostArchitecture: info.Architecture,
        cpuCount: info.NCPU,
        memoryBytes: info.MemTotal,
      },
      '',
    )
  } catch (error) {
    return missingObservation('docker info', infoFacts, errorMessage(error))
  }
}

/** The order matters: the load average is recognised at the start of the text. */
const procFiles = ['/proc/loadavg', '/proc/meminfo', '/proc/vmstat', '/proc/cpuinfo']

async function observeProc(
  docker: Docker,
  container: string,
  facts: readonly (typeof procFacts)[number][],
  signal: AbortSignal,
): Promise<Observation> {
  const source = '/proc in the container'
  try {
    const args = ['exec', container, 'cat', ...procFiles]
    const text = await docker.output(args, { signal, timeoutMs })
    const cpuModel = parseCpuModel(text)
    const all: MachineFacts = {
      ...parseLoadAverage(text),
      ...parseMeminfo(text),
      ...parseSwapIns(text),
      ...(cpuModel !== undefined && { cpuModel }),
    }
    const values = Object.fromEntries(facts.map((id) => [id, all[id]]))
    return observation(source, facts, values, 'the files do not say')
  } catch (error) {
    return missingObservation(source, facts, errorMessage(error))
  }
}

async function observeGpu(
  docker: Docker,
  container: string,
  usesGpus: boolean,
  signal: AbortSignal,
): Promise<Observation> {
  const source = 'nvidia-smi in the container'
  if (!usesGpus) return missingObservation(source, ['gpu'], 'the container was given no GPU')
  try {
    const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader']
    const text = await docker.run(['exec', container, 'nvidia-smi', ...query], {
      signal,
      timeoutMs,
    })
    return observation(source, ['gpu'], parseNvidia(text), 'it lists no GPU')
  } catch (error) {
    return missingObservation(source, ['gpu'], errorMessage(error))
  }
}
