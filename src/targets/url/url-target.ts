/**
 * A server that is already running, on this machine or another. Nothing is started, stopped, unloaded or
 * pulled; only facts are read.
 */
import { BlockList, isIP } from 'node:net'
import { ExpError } from '../../errors/exp-error.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { isSameModel, OllamaClient } from '../../ollama/client.ts'
import { isLoopback } from '../evidence/local-server-log.ts'
import type { LocalServerLog } from '../evidence/local-server-log.ts'
import { missingObservation, observeLog, observeServer } from '../evidence/observe.ts'
import { modelFileIn } from '../evidence/runner-command.ts'
import { logFactIds } from '../evidence/server-log.ts'
import type { Environment } from '../owned-server/server-environment.ts'
import type { Availability, RunningTarget, TargetDriver } from '../target.ts'

export class UrlTarget implements TargetDriver {
  readonly kind = 'url'
  readonly #env: Environment
  readonly #localLog: LocalServerLog

  /** @param env supplies the variables in headers, and the proxy */
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
      // Loads the model now, because otherwise the first request of the trial would load it.
      await client.preload(model, config.options, config.workload.keepAlive, { signal })
      if (log.found) {
        const { modelfile } = await client.show(model, { signal })
        await log.begin(modelfile === undefined ? undefined : modelFileIn(modelfile))
      }
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
        const observations = await observeServer(client, model, when, during)
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

/** Notes for the plan, about a server that others may use at the same time. */
async function notes(
  config: MeasuredConfig,
  client: OllamaClient,
  url: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const others = (await client.ps({ signal }))
    .map(({ name }) => name)
    .filter((name) => !isSameModel(name, config.model.name))
  const variables = Object.keys(config.env).map((name) => `\`${name}\``)
  return [
    ...others.map((name) => `\`${name}\` is loaded too; to unload: \`ollama stop ${name}\``),
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
  env: Environment,
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

/**
 * The proxy that the environment names for a server: `http_proxy` or `https_proxy`, by the server's scheme, else
 * `all_proxy`; lower case before upper case, as curl reads them. `undefined` for a server on this machine, and for one that
 * `no_proxy` covers.
 */
export function proxyFor(url: string, env: Environment): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, port } = new URL(url)
  if (isLoopback(hostname)) return undefined
  const exceptions = (proxyVariable(env, 'no_proxy') ?? '')
    .split(/[\s,]+/)
    .filter((name) => name !== '')
  if (exceptions.some((name) => covers(name, hostname, port))) return undefined
  const proxy =
    proxyVariable(env, protocol === 'https:' ? 'https_proxy' : 'http_proxy') ??
    proxyVariable(env, 'all_proxy')
  return proxy === undefined || proxy.includes('://') ? proxy : `http://${proxy}`
}

function proxyVariable(env: Environment, name: string): string | undefined {
  const value = env[name] ?? env[name.toUpperCase()]
  return value === '' ? undefined : value
}

/**
 * @param pattern `*`; a host, or a domain with or without a leading dot, each perhaps with a port; or a range of
 *   addresses such as `10.0.0.0/8`
 */
function covers(pattern: string, hostname: string, port: string): boolean {
  if (pattern === '*') return true
  if (pattern.includes('/')) return inRange(hostname.replace(/^\[|\]$/g, ''), pattern)
  const [, name = '', onlyPort] = /^(.*?)(?::(\d+))?$/.exec(pattern) ?? []
  if (onlyPort !== undefined && onlyPort !== port) return false
  const domain = name.replace(/^\*?\./, '').toLowerCase()
  return domain !== '' && (hostname === domain || hostname.endsWith(`.${domain}`))
}

/** @param range an address and the length of its prefix; nothing is in a malformed range */
function inRange(address: string, range: string): boolean {
  const [network = '', length = ''] = range.split('/')
  const [family, addressFamily] = [isIP(network), isIP(address)]
  if (family === 0 || family !== addressFamily || !/^\d{1,3}$/.test(length)) return false
  if (Number(length) > (family === 4 ? 32 : 128)) return false
  const name = family === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(network, Number(length), name)
  return list.check(address, name)
}
