/** A server that is already there. Nothing is started, stopped, unloaded or pulled; what it is, is observed. */
import { ExpError } from '../../errors/exp-error.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { isSameModel, OllamaClient } from '../../ollama/client.ts'
import { fillHeaders } from './headers.ts'
import type { Environment } from './headers.ts'
import type { LocalServerLog } from '../evidence/local-server-log.ts'
import { logFactIds } from '../evidence/server-log.ts'
import { proxyFor } from './proxy-setting.ts'
import { missingObservation, observeLog, observeServer } from '../evidence/observe.ts'
import type { Availability, RunningTarget, TargetDriver } from '../target.ts'

export class UrlTarget implements TargetDriver {
  readonly kind = 'url'
  readonly #env: Environment
  readonly #localLog: LocalServerLog

  /** @param env where the variables of headers come from */
  constructor(env: Environment, localLog: LocalServerLog) {
    this.#env = env
    this.#localLog = localLog
  }

  async check(config: MeasuredConfig, signal: AbortSignal): Promise<Availability> {
    try {
      const { client, url } = this.#connect(config)
      try {
        await client.version({ signal })
        await client.show(config.model.name, { signal })
        return { available: true, notes: await notes(config, client, url, signal) }
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
    const model = config.model.name
    const log = await this.#localLog(url)
    try {
      // What a first request would do anyway; so no measured one does.
      await client.preload(model, config.options, config.workload.keepAlive, { signal })
      if (log.found) await log.begin()
    } catch (error) {
      await client.close()
      throw error
    }
    return {
      url,
      model,
      headers,
      proxy,
      observe: async (when, during) => {
        const answers = await observeServer(client, model, when, during)
        if (when === 'during') return answers
        if (!log.found) return [...answers, missingObservation('server log', logFactIds, log.why)]
        return [...answers, observeLog(await log.read())]
      },
      ended: () => Promise.resolve(undefined),
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

/** What the reader of a plan should know of a server that others may use as well. */
async function notes(
  config: MeasuredConfig,
  client: OllamaClient,
  url: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const others = (await client.ps({ signal }))
    .map(({ name }) => name)
    .filter((name) => !isSameModel(name, config.model.name))
  const names = Object.keys(config.env)
  return [
    ...others.map((name) => `\`${name}\` is loaded beside it; to unload: \`ollama stop ${name}\``),
    ...(names.length === 0
      ? []
      : [
          `the server at \`${new URL(url).host}\` has settings of its own: ${names.map((name) => `\`${name}\``).join(', ')} cannot be set`,
        ]),
  ]
}
