/**
 * `ollama serve` on another machine, which the user's own `ssh` reaches: exp starts it there with the config's
 * variables, sends its requests through a forwarded port, and stops it. That machine needs Ollama and a POSIX shell.
 */
import { ExpError } from '../../errors/exp-error.ts'
import { forShell } from '../../errors/quote.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { modelsOf } from '../../experiment/mix.ts'
import type { Target } from '../../experiment/target-kinds.ts'
import { canonicalJson } from '../../json/json.ts'
import { machineFactIds } from '../../host/facts/machine-facts.ts'
import { machineWarnings } from '../../host/facts/machine-warnings.ts'
import { machineId, readMachine } from '../../host/facts/machine.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import type { MissingModel } from '../../ollama/api-connection.ts'
import { errorMessage, missingObservation } from '../evidence/observe.ts'
import { isServerError, runAsTarget, type OwnedServer } from '../owned-server/owned-server.ts'
import type { PullProgress } from '../owned-server/pull-model.ts'
import {
  assertValidVariables,
  type EnvironmentVariables,
} from '../owned-server/server-environment.ts'
import { parseOllamaVersion } from '../process/ollama-binary.ts'
import { observeRoundTrip } from '../remote/round-trip.ts'
import { runOverSsh, shCommand, sshHost, type SshDestination } from '../remote/ssh.ts'
import type {
  Availability,
  Observation,
  RunningTarget,
  ServerMachine,
  TargetDriver,
} from '../target.ts'
import { snapshotScript, snapshotTools } from './machine-snapshot.ts'
import { noOllama, startRemoteServer } from './remote-server.ts'

export interface RemoteProcessDependencies {
  readonly tools: MachineTools
  /** The environment of this process. */
  readonly env: EnvironmentVariables
  readonly stateFolder: string
  readonly onPull: (progress: PullProgress) => void
}

/** What exp learned from the first snapshot of a machine. */
interface KnownMachine {
  readonly machine: ServerMachine
  /** The version of its Ollama; undefined if it has none. */
  readonly version: string | undefined
  /** What would disturb a measurement there: sentences to show to people. */
  readonly notes: readonly string[]
}

type RemoteSettings = Target<'process'> & { readonly ssh: string }

/** Long, because listing a Mac's displays takes a few seconds. */
const snapshotTimeoutMs = 30_000

export class RemoteProcessTarget implements TargetDriver {
  readonly kind = 'process'
  readonly #deps: RemoteProcessDependencies
  /** By the name of the host. */
  readonly #machines = new Map<string, KnownMachine>()
  /** Notes on the models that will be pulled. The key holds everything that the check depends on. */
  readonly #checked = new Map<string, readonly string[]>()

  constructor(deps: RemoteProcessDependencies) {
    this.#deps = deps
  }

  /** Starts the server as for a measurement, then stops it: only that server can say which models it has. */
  async check(config: MeasuredConfig, signal: AbortSignal): Promise<Availability> {
    try {
      const { machine, notes } = await this.#prepare(config, signal)
      const store = config.env['OLLAMA_MODELS'] ?? null
      const key = canonicalJson([config.target, store, modelsOf(config)])
      const pulls = this.#checked.get(key) ?? (await this.#checkByStarting(config, signal))
      this.#checked.set(key, pulls)
      return { available: true, notes: [...notes, ...pulls], machine }
    } catch (error) {
      if (!isServerError(error)) throw error
      const fix = error.hint ?? 'check that `ssh` connects without a password'
      return { available: false, why: error.message, fix }
    }
  }

  async start(config: MeasuredConfig, signal: AbortSignal): Promise<RunningTarget> {
    const settings = remoteSettings(config)
    const server = await this.#launch(config, signal)
    const target = await runAsTarget(
      server,
      { config, pull: settings.pull, onPull: this.#deps.onPull },
      signal,
      async (when, within) =>
        when === 'before' ? [await observeRoundTrip(server.client, within)] : [],
    )
    const destination = destinationOf(settings)
    return {
      ...target,
      observeMachine: (which, within) =>
        observeOtherMachine(destination, which, this.#deps.tools, within),
    }
  }

  /** Throws `ExpError` if the machine cannot be reached, or has no Ollama or another version. */
  async #prepare(config: MeasuredConfig, signal: AbortSignal): Promise<KnownMachine> {
    const settings = remoteSettings(config)
    const destination = destinationOf(settings)
    assertValidVariables(config.env)
    const known =
      this.#machines.get(settings.ssh) ??
      (await inspectMachine(destination, this.#deps.tools, signal))
    this.#machines.set(settings.ssh, known)
    const { version } = known
    if (version === undefined) throw noOllama(destination)
    if (settings.version === undefined || settings.version === version) return known
    throw new ExpError(
      'environment',
      `the target needs Ollama ${settings.version}, but ${destination.name} has ${version}`,
      `install that version there, or remove \`version\` to measure the one that is there`,
    )
  }

  async #checkByStarting(config: MeasuredConfig, signal: AbortSignal): Promise<readonly string[]> {
    const server = await this.#launch(config, signal)
    try {
      return await this.#missingModels(config, server, signal)
    } finally {
      await server.stop()
    }
  }

  #launch(config: MeasuredConfig, signal: AbortSignal): Promise<OwnedServer> {
    const settings = remoteSettings(config)
    const { models, pull } = settings
    return startRemoteServer(
      {
        destination: destinationOf(settings),
        env: { ...config.env, ...(models !== undefined && { OLLAMA_MODELS: models }) },
        pull,
        missingModel: (model) => missingOnMachine(settings, model),
        model: modelsOf(config)[0].name,
      },
      this.#deps,
      signal,
    )
  }

  /** Notes on the models that will be pulled. Throws `ExpError` for another missing one, and for a wrong digest. */
  async #missingModels(
    config: MeasuredConfig,
    { client }: OwnedServer,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const { pull, ssh } = remoteSettings(config)
    const notes: string[] = []
    for (const { name, digest } of modelsOf(config))
      try {
        await client.show(name, { signal })
        if (digest !== undefined) await client.assertDigest(name, digest, { signal })
      } catch (error) {
        if (!pull || !isServerError(error)) throw error
        notes.push(`\`${name}\` will be pulled on \`${ssh}\``)
      }
    return notes
  }
}

function remoteSettings({ target }: MeasuredConfig): RemoteSettings {
  if (target.kind !== 'process' || target.ssh === undefined)
    throw new Error('not a process on another machine')
  return { ...target, ssh: target.ssh }
}

/** Throws `ExpError` for a name that `ssh` could misread. */
function destinationOf({ ssh }: RemoteSettings): SshDestination {
  return sshHost(ssh, `the machine \`${ssh}\``)
}

/** Reads the machine's id, the version of its Ollama, and what would disturb a measurement there. */
async function inspectMachine(
  destination: SshDestination,
  tools: MachineTools,
  signal: AbortSignal,
): Promise<KnownMachine> {
  const there = await snapshot(destination, tools, signal)
  const printed = await there.run('ollama', ['--version']).catch(() => '')
  const warnings = machineWarnings(await readMachine(there), undefined)
  return {
    notes: warnings.map(({ message, fix }) => `on \`${destination.host}\`, ${message}; ${fix}`),
    machine: { id: await machineId(there), name: destination.host, via: 'ssh' },
    version: parseOllamaVersion(printed),
  }
}

async function snapshot(
  destination: SshDestination,
  tools: MachineTools,
  signal: AbortSignal,
): Promise<MachineTools> {
  const options = { signal, timeoutMs: snapshotTimeoutMs }
  const text = await runOverSsh(destination, shCommand(snapshotScript), tools, options)
  const there = snapshotTools(text)
  if (there !== undefined) return there
  throw new ExpError(
    'environment',
    `${destination.name} runs neither Linux nor macOS`,
    'start the server there, and measure it by its URL: `target: {url: …}`',
  )
}

/** The facts that change during a trial, and that both systems show. */
const changingFacts = ['loadAverage', 'memoryFreeBytes', 'swapUsedBytes', 'swapInPages'] as const

/** Never throws. */
async function observeOtherMachine(
  destination: SshDestination,
  which: 'all' | 'changing',
  tools: MachineTools,
  signal: AbortSignal,
): Promise<readonly Observation[]> {
  try {
    const there = await snapshot(destination, tools, signal)
    return (await readMachine(there, which)).map(({ source, facts, missing }) => ({
      source: source === 'node:os' ? 'uname, nproc' : source,
      facts,
      ...(Object.keys(missing).length > 0 && { missing }),
    }))
  } catch (error) {
    const ids = which === 'all' ? machineFactIds : changingFacts
    return [missingObservation('ssh', ids, errorMessage(error))]
  }
}

function missingOnMachine({ ssh, models }: RemoteSettings, model: string): MissingModel {
  const pull = `ollama pull ${forShell(model)}`
  // Two shells read the command: one on this machine, and one on the other.
  const command = forShell(model) === model ? pull : forShell(pull)
  const pulling =
    models === undefined
      ? `run \`ssh ${forShell(ssh)} ${command}\``
      : `pull it there into \`${models}\``
  return {
    message: `the machine \`${ssh}\` does not have the model \`${model}\``,
    hint: `set \`pull: true\` in the target, or ${pulling}`,
  }
}
