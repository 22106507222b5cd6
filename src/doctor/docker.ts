/** Examines Docker on this machine: its engine, whether containers can use a GPU, images and models of Ollama. */
import { z } from 'zod'
import { gibibytes } from '../format/number.ts'
import { machineFact } from '../host/facts/machine-facts.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import { readMachine } from '../host/facts/machine.ts'
import { type Docker, engineNotRunning } from '../targets/docker/docker-cli.ts'
import { findEngine } from '../targets/docker/engine.ts'
import { modelVolume } from '../targets/docker/create-arguments.ts'
import { failedFinding, type DoctorFinding } from './finding.ts'

const engineInfo = z.object({
  ServerVersion: z.string().min(1),
  OperatingSystem: z.string(),
  NCPU: z.number(),
  MemTotal: z.number(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
})
type EngineInfo = z.output<typeof engineInfo>

const limits = { timeoutMs: 10_000 }

export async function examineDocker(tools: MachineTools): Promise<readonly DoctorFinding[]> {
  try {
    const { docker } = await findEngine(undefined, tools, AbortSignal.timeout(limits.timeoutMs))
    const info = await engineInfoOf(docker)
    const { ServerVersion, OperatingSystem, NCPU, MemTotal } = info
    const detail = `${ServerVersion} on ${OperatingSystem}, ${NCPU} CPUs, ${gibibytes(MemTotal)}`
    return [
      { what: 'Docker', state: 'good', detail },
      await examineGpu(info, tools),
      await examineImages(docker),
      ...(await examineVolume(docker)),
    ]
  } catch (error) {
    return [failedFinding('Docker', error)]
  }
}

/** Throws `ExpError` if the engine is not running, because `docker info` then prints incomplete information. */
async function engineInfoOf(docker: Docker): Promise<EngineInfo> {
  const info = await docker.json(['info', '--format={{json .}}'], z.unknown(), limits)
  const parsed = engineInfo.safeParse(info)
  if (parsed.success) return parsed.data
  throw engineNotRunning()
}

async function examineGpu({ Runtimes }: EngineInfo, tools: MachineTools): Promise<DoctorFinding> {
  const what = 'GPU in Docker'
  if (tools.platform === 'darwin')
    return {
      what,
      state: 'info',
      detail: 'none: Docker Desktop on macOS gives containers no GPU; run Ollama outside of Docker',
    }
  const hostGpu = machineFact(await readMachine(tools), 'gpu')
  if (hostGpu === undefined || hostGpu === 'none')
    return { what, state: 'info', detail: 'the host has none' }
  if (Runtimes?.['nvidia'] !== undefined)
    return { what, state: 'good', detail: 'the NVIDIA runtime is installed' }
  return {
    what,
    state: 'lacking',
    detail: 'the host has a GPU, but Docker has no NVIDIA runtime',
    fix: 'install the NVIDIA Container Toolkit, run `sudo nvidia-ctk runtime configure --runtime=docker`, and restart Docker',
  }
}

async function examineImages(docker: Docker): Promise<DoctorFinding> {
  const what = 'images'
  const listed = await docker.run(
    ['image', 'ls', '--format={{.Repository}}:{{.Tag}}', '--filter=dangling=false'],
    limits,
  )
  const all = listed.split('\n').filter((name) => name !== '')
  const ollama = all.filter((name) => /ollama/i.test(name))
  return ollama.length > 0
    ? { what, state: 'good', detail: ollama.join(', ') }
    : {
        what,
        state: 'info',
        detail: `${all.length === 0 ? 'none' : 'none of Ollama'}; to get one: docker pull ollama/ollama:VERSION`,
      }
}

/** Reports the volume of models, which exp keeps after a run, and how to remove it. */
async function examineVolume(docker: Docker): Promise<readonly DoctorFinding[]> {
  const list = ['volume', 'ls', '--quiet', `--filter=name=^${modelVolume}$`]
  if ((await docker.run(list, limits)) === '') return []
  return [
    {
      what: 'models in Docker',
      state: 'info',
      detail: `kept in the volume ${modelVolume}; to remove them: docker volume rm ${modelVolume}`,
    },
  ]
}
