/** `exp doctor`: what this machine can run, and how to mend what it cannot. */
import { statfs } from 'node:fs/promises'
import { z } from 'zod'
import { startEngine } from '../embedded/engine-process.ts'
import { ExpError } from '../errors/exp-error.ts'
import { systemTools, type MachineTools } from '../host/machine-tools.ts'
import { machineFact, readMachine, type MachineFactId } from '../host/machine.ts'
import { stateFolder } from '../host/state-folder.ts'
import { columns } from '../notebook/columns.ts'
import { findRoot } from '../notebook/project.ts'
import { OllamaClient } from '../ollama/client.ts'
import { bytes } from '../report/format.ts'
import { Docker } from '../targets/docker-cli.ts'
import { installedOllama } from '../targets/ollama-binary.ts'
import { findOrphans } from '../targets/orphans.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { paint } from './paint.ts'

interface Finding {
  readonly what: string
  readonly state: 'good' | 'lacking' | 'known'
  readonly detail: string
  /** What mends it. */
  readonly fix?: string
}

const schema = z.object({ json: z.boolean().default(false) })

/** Always exits 0: a machine without Ollama is no fault of the notebook. Removes what killed runs left behind. */
export async function doctor(given: object, io: Io): Promise<ExitCode> {
  const tools = systemTools()
  const findings = [
    await embeddedEngine(io),
    await ollamaProgram(tools),
    await ollamaServer(io),
    await docker(tools),
    ...(await machine(tools)),
    await disk(findRoot(io.cwd)),
    ...(await leftovers(io, tools)),
  ]
  if (schema.parse(given).json) io.stdout.write(`${JSON.stringify(findings, null, 2)}\n`)
  else io.stdout.write(text(findings, io))
  return exitCodes.done
}

function text(findings: readonly Finding[], io: Io): string {
  const { green, yellow, dim } = paint(io.stdout, io.env)
  const signs = { good: green('✓'), lacking: yellow('✗'), known: dim('·') }
  const rows = columns(findings.map(({ what, detail }) => [what, detail]))
  return findings
    .map(({ state, fix }, index) => {
      const line = `${signs[state]} ${rows[index] ?? ''}\n`
      return fix === undefined ? line : `${line}    ${dim('fix:')} ${fix}\n`
    })
    .join('')
}

/** Brings it up and asks it, as a run would. */
async function embeddedEngine({ signal }: Io): Promise<Finding> {
  const what = 'embedded engine'
  try {
    const engine = await startEngine({ env: {}, models: ['doctor'], signal })
    const client = new OllamaClient({ baseUrl: engine.url })
    try {
      return { what, state: 'good', detail: `answers, ${await client.version({ signal })}` }
    } finally {
      await client.close()
      await engine.stop()
    }
  } catch (error) {
    return lacking(what, error)
  }
}

async function ollamaProgram(tools: MachineTools): Promise<Finding> {
  const what = 'Ollama'
  const fix = 'install it from https://ollama.com/download'
  try {
    const found = await installedOllama(tools)
    return found === undefined
      ? { what, state: 'lacking', detail: 'is not installed', fix }
      : { what, state: 'good', detail: `${found.version} is installed` }
  } catch (error) {
    return lacking(what, error)
  }
}

async function ollamaServer({ env, signal }: Io): Promise<Finding> {
  const what = 'Ollama server'
  const baseUrl = serverUrl(env['OLLAMA_HOST'])
  const client = new OllamaClient({ baseUrl })
  try {
    const [version, stored, loaded] = await Promise.all([
      client.version({ signal, timeoutMs: 2_000 }),
      client.tags({ signal, timeoutMs: 2_000 }),
      client.ps({ signal, timeoutMs: 2_000 }),
    ])
    const models = stored.map(({ name }) => name).join(', ')
    const busy = loaded.map(({ name }) => name)
    return {
      what,
      state: busy.length === 0 ? 'good' : 'lacking',
      detail: `${version} at ${baseUrl}; models: ${models === '' ? 'none' : models}${busy.length === 0 ? '' : `; loaded now: ${busy.join(', ')}`}`,
      ...(busy.length === 0
        ? {}
        : {
            fix: `a loaded model takes memory and compute from what is measured: ollama stop ${busy[0] ?? ''}`,
          }),
    }
  } catch {
    return { what, state: 'known', detail: `none runs at ${baseUrl}` }
  } finally {
    await client.close()
  }
}

function serverUrl(host: string | undefined): string {
  if (host === undefined || host.trim() === '') return 'http://127.0.0.1:11434'
  const address = /^https?:\/\//.test(host) ? host : `http://${host}`
  return URL.canParse(address)
    ? address.replace('0.0.0.0', '127.0.0.1').replace(/\/$/, '')
    : 'http://127.0.0.1:11434'
}

const engineInfo = z.object({
  ServerVersion: z.string(),
  OperatingSystem: z.string(),
  NCPU: z.number(),
  MemTotal: z.number(),
  Images: z.number(),
})

async function docker(tools: MachineTools): Promise<Finding> {
  const what = 'Docker'
  try {
    const info = await new Docker(tools).json(['info', '--format', '{{json .}}'], engineInfo, {
      timeoutMs: 10_000,
    })
    const gpu =
      tools.platform === 'darwin'
        ? '; no GPU in its containers: Docker Desktop on macOS passes none through'
        : ''
    return {
      what,
      state: 'good',
      detail: `${info.ServerVersion} on ${info.OperatingSystem}, ${info.NCPU} CPUs, ${bytes(info.MemTotal)}, ${info.Images} images${gpu}`,
    }
  } catch (error) {
    if (error instanceof z.ZodError)
      return {
        what,
        state: 'lacking',
        detail: 'is installed, and its engine does not run',
        fix: 'start Docker Desktop, or the docker service',
      }
    return lacking(what, error)
  }
}

async function machine(tools: MachineTools): Promise<readonly Finding[]> {
  const readings = await readMachine(tools)
  const fact = (id: MachineFactId) => machineFact(readings, id)
  const cpus = Number(fact('cpuCount') ?? 0)
  const memory = fact('memoryBytes')
  const free = fact('memoryFreeBytes')
  const gpu = fact('gpu')
  const power = fact('powerSource')
  return [
    {
      what: 'cores',
      state: 'known',
      detail: `${cpus} logical${fact('physicalCores') === undefined ? '' : `, ${String(fact('physicalCores'))} physical`}, load ${String(fact('loadAverage') ?? 'unknown')}; the load generator takes one of them`,
    },
    {
      what: 'memory',
      state: 'known',
      detail:
        typeof memory === 'number'
          ? `${bytes(memory)}${typeof free === 'number' ? `, ${bytes(free)} free` : ''}`
          : 'unknown',
    },
    { what: 'GPU', state: 'known', detail: gpu === undefined ? 'none found' : String(gpu) },
    ...(power === 'battery'
      ? [
          {
            what: 'power',
            state: 'lacking',
            detail: 'on battery',
            fix: 'plug it in: on battery the processor slows down',
          } as const,
        ]
      : []),
  ]
}

const leastFreeBytes = 1e9

async function disk(root: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(root)
  const free = bavail * bsize
  return free < leastFreeBytes
    ? {
        what: 'disk',
        state: 'lacking',
        detail: `${bytes(free)} free`,
        fix: 'make room: results are written as they are measured',
      }
    : { what: 'disk', state: 'good', detail: `${bytes(free)} free` }
}

async function leftovers({ env }: Io, tools: MachineTools): Promise<readonly Finding[]> {
  const what = 'left behind'
  const orphans = await findOrphans(stateFolder(env, tools.platform), tools)
  if (orphans.length === 0) return [{ what, state: 'good', detail: 'nothing' }]
  const findings: Finding[] = []
  for (const orphan of orphans) {
    await orphan.remove()
    findings.push({ what, state: 'good', detail: `${orphan.what} of a killed run: removed` })
  }
  return findings
}

function lacking(what: string, error: unknown): Finding {
  if (!(error instanceof ExpError)) throw error
  return {
    what,
    state: 'lacking',
    detail: error.message,
    ...(error.hint === undefined ? {} : { fix: error.hint }),
  }
}
