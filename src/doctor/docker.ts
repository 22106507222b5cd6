/** Docker on this machine: its engine, whether it gives a GPU to containers, what it has of Ollama. */
import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { gib } from '../host/gib.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import { machineFact, readMachine } from '../host/facts/machine.ts'
import { Docker } from '../targets/docker/docker-cli.ts'
import { modelVolume } from '../targets/docker/create-arguments.ts'
import { lacking, type Finding } from './finding.ts'

const engineInfo = z.object({
  ServerVersion: z.string().min(1),
  OperatingSystem: z.string(),
  NCPU: z.number(),
  MemTotal: z.number(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
})
type EngineInfo = z.output<typeof engineInfo>

const patience = { timeoutMs: 10_000 }

export async function examineDocker(tools: MachineTools): Promise<readonly Finding[]> {
  const docker = new Docker(tools)
  try {
    const info = await engine(docker)
    const { ServerVersion, OperatingSystem, NCPU, MemTotal } = info
    const detail = `${ServerVersion} on ${OperatingSystem}, ${NCPU} CPUs, ${gib(MemTotal)}`
    return [
      { what: 'Docker', state: 'good', detail },
      await gpu(info, tools),
      await images(docker),
      ...(await volume(docker)),
    ]
  } catch (error) {
    return [lacking('Docker', error)]
  }
}

/** The client alone prints what it knows, without an engine. */
async function engine(docker: Docker): Promise<EngineInfo> {
  const info = await docker.json(['info', '--format={{json .}}'], z.unknown(), patience)
  const parsed = engineInfo.safeParse(info)
  if (parsed.success) return parsed.data
  throw new ExpError(
    'environment',
    'Docker is installed, and its engine does not run',
    'start Docker Desktop, or `sudo systemctl start docker`',
  )
}

async function gpu({ Runtimes }: EngineInfo, tools: MachineTools): Promise<Finding> {
  const what = 'GPU in Docker'
  if (tools.platform === 'darwin')
    return {
      what,
      state: 'known',
      detail: 'none: Docker Desktop on macOS passes none through; run Ollama itself there',
    }
  const ofHost = machineFact(await readMachine(tools), 'gpu')
  if (ofHost === undefined) return { what, state: 'known', detail: 'none found on the host' }
  if (Runtimes?.['nvidia'] !== undefined)
    return { what, state: 'good', detail: 'the NVIDIA runtime is there' }
  return {
    what,
    state: 'lacking',
    detail: 'the host has one, and Docker has no NVIDIA runtime',
    fix: 'install the NVIDIA Container Toolkit, `sudo nvidia-ctk runtime configure --runtime=docker`, restart Docker',
  }
}

async function images(docker: Docker): Promise<Finding> {
  const what = 'images'
  const listed = await docker.run(
    ['image', 'ls', '--format={{.Repository}}:{{.Tag}}', '--filter=dangling=false'],
    patience,
  )
  const all = listed.split('\n').filter((name) => name !== '')
  const ollama = all.filter((name) => /ollama/i.test(name))
  return ollama.length > 0
    ? { what, state: 'good', detail: ollama.join(', ') }
    : {
        what,
        state: 'known',
        detail: `none of Ollama among ${all.length}; docker pull ollama/ollama:VERSION`,
      }
}

/** What is kept on purpose is said too. */
async function volume(docker: Docker): Promise<readonly Finding[]> {
  const list = ['volume', 'ls', '--quiet', `--filter=name=^${modelVolume}$`]
  if ((await docker.run(list, patience)) === '') return []
  return [
    {
      what: 'models in Docker',
      state: 'known',
      detail: `kept in the volume ${modelVolume}; to remove them: docker volume rm ${modelVolume}`,
    },
  ]
}
