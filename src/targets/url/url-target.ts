/**
 * A server that is already running, on this machine or another. Nothing is started, stopped, unloaded or
 * pulled; only facts are read.
 */
import { ExpError } from '../../errors/exp-error.ts'
import { entriesToList, forShell, quoted } from '../../errors/quote.ts'
import { assertSupportsImages } from '../vision.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { modelsOf } from '../../experiment/mix.ts'
import { parseBaseUrl } from '../../ollama/base-url.ts'
import { isSameModel, OllamaClient } from '../../ollama/client.ts'
import type { LocalServerLog } from '../evidence/local-server-log.ts'
import { missingObservation, observeLog, observeServer } from '../evidence/observe.ts'
import { modelFileIn } from '../../ollama/runner-command.ts'
import { logFactIds } from '../../ollama/server-log.ts'
import { modelNames, preloadModels } from '../owned-server/preload-models.ts'
import type { EnvironmentVariables } from '../owned-server/server-environment.ts'
import type { Availability, Observation, RunningTarget, TargetDriver } from '../target.ts'
import { proxyAddress, proxyFor } from './proxy-setting.ts'

export class UrlTarget implements TargetDriver {
  readonly kind = 'url'
  readonly #env: EnvironmentVariables
  readonly #localLog: LocalServerLog

  /** @param env supplies the variables in headers, and the proxy */
  constructor(env: EnvironmentVariables, localLog: LocalServerLog) {
    this.#env = env
    this.#localLog = localLog
  }

  async check(config: MeasuredConfig, signal: AbortSignal): Promise<Availability> {
    try {
      const { client, url, proxy } = this.#connect(config)
      try {
        await client.version({ signal })
        for (const { name } of modelsOf(config))
          assertSupportsImages(config, name, await client.show(name, { signal }))
        await assertPinned(client, config, signal)
        return { available: true, notes: await notes(config, client, { url, proxy }, signal) }
      } finally {
        await client.close()
      }
    } catch (error) {
      if (!(error instanceof ExpError) || error.code === 'interrupted') throw error
      return { available: false, why: error.message, fix: error.hint ?? 'see the server’s log' }
    }
  }

  async start(config: MeasuredConfig, signal: AbortSignal): Promise<RunningTarget> {
    const { client, url, headers, proxy } = this.#connect(config)
    const log = await this.#localLog(url)
    try {
      await assertPinned(client, config, signal)
      await preloadModels(client, config, signal)
      if (log.found) {
        const [file, ...others] = await Promise.all(
          modelsOf(config).map(async ({ name }) => {
            const { modelfile } = await client.show(name, { signal })
            return modelfile === undefined ? undefined : modelFileIn(modelfile)
          }),
        )
        await log.begin(
          file,
          others.flatMap((other) => other ?? []),
        )
      }
    } catch (error) {
      await client.close()
      throw error
    }
    return {
      url,
      headers,
      proxy,
      processes: {
        kind: 'unknown',
        why: log.found
          ? 'exp did not start the server, and does not know its processes'
          : 'the server may run on another machine',
        isLocal: log.found,
      },
      observe: async (when, observeSignal) => {
        const observations = [
          ...(when === 'before' ? proxyObservation(proxy) : []),
          ...(await observeServer(client, modelNames(config), when, observeSignal)),
        ]
        if (when === 'during') return observations
        if (!log.found)
          return [...observations, missingObservation('server log', logFactIds, log.why)]
        return [...observations, observeLog(await log.read())]
      },
      exitReason: () => Promise.resolve(undefined),
      stop: () => client.close(),
    }
  }

  #connect(config: MeasuredConfig) {
    if (config.target.kind !== 'url') throw new Error(`not a URL target: ${config.target.kind}`)
    const headers = fillHeaders(config.target.headers, this.#env)
    const url = config.target.url.replace(/\/+$/, '')
    const proxy = proxyFor(url, this.#env)
    return { client: new OllamaClient({ baseUrl: url, headers, proxy }), url, headers, proxy }
  }
}

function proxyObservation(proxy: string | undefined): readonly Observation[] {
  return proxy === undefined
    ? []
    : [{ source: 'environment', facts: { proxy: proxyAddress(proxy) } }]
}

async function assertPinned(
  client: OllamaClient,
  config: MeasuredConfig,
  signal: AbortSignal,
): Promise<void> {
  for (const { name, digest } of modelsOf(config))
    if (digest !== undefined) await client.assertDigest(name, digest, { signal })
}

/** Notes for the plan: other models that the server has loaded, and variables that exp cannot set. */
async function notes(
  config: MeasuredConfig,
  client: OllamaClient,
  { url, proxy }: { readonly url: string; readonly proxy: string | undefined },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const others = (await client.ps({ signal }))
    .map(({ name }) => name)
    .filter((listed) => !modelsOf(config).some(({ name }) => isSameModel(listed, name)))
  const address = forShell(parseBaseUrl(url).displayUrl)
  const variables = Object.keys(config.env).map((name) => `\`${name}\``)
  return [
    ...(proxy === undefined
      ? []
      : [
          `requests to \`${new URL(url).host}\` go through the proxy \`${proxyAddress(proxy)}\` (HTTP_PROXY, HTTPS_PROXY or ALL_PROXY); to avoid it, add the host to NO_PROXY`,
        ]),
    ...entriesToList(others).map(
      (name) =>
        `${quoted(name)} is loaded too; to unload: \`OLLAMA_HOST=${address} ollama stop ${forShell(name)}\``,
    ),
    ...(variables.length === 0
      ? []
      : [
          `exp cannot set ${variables.join(', ')} on the server at \`${new URL(url).host}\`, because it is already running`,
        ]),
  ]
}

/**
 * The headers, with each `${NAME}` replaced by that variable of the environment. Throws `ExpError` if a
 * variable is not set, or if a value contains a line break or a control code.
 */
function fillHeaders(
  headers: Readonly<Record<string, string>>,
  env: EnvironmentVariables,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([header, written]) => {
      const filled = written.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
        const value = env[name]
        if (value === undefined || value === '')
          throw new ExpError(
            'environment',
            `the header \`${header}\` needs the variable \`${name}\`, which is not set`,
            `export ${name}=…`,
          )
        return value
      })
      if (/[^\t\x20-\x7e\x80-\xff]/.test(filled))
        throw new ExpError(
          'environment',
          `the value of the header \`${header}\` contains a line break or a control code`,
        )
      return [header, filled]
    }),
  )
}
