/**
 * A way to a server through a proxy: plain http is asked of the proxy by the whole address, https goes
 * through a tunnel, so that the proxy sees neither request nor answer.
 */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Duplex } from 'node:stream'
import { Socket } from 'node:net'
import { buildConnector } from 'undici'
import { ExpError } from '../errors/exp-error.ts'
import type { BaseUrl } from './base-url.ts'

const connectTimeoutMs = 30_000

/** Opens a connection of a client. */
export type Connect = buildConnector.connector

/** The same server, reached through the proxy. Throws `ExpError` for a proxy that is no http or https URL. */
export function throughProxy(base: BaseUrl, proxy: string): BaseUrl {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new ExpError(
      'environment',
      'the address of the proxy in the environment is none of http or https',
      'see HTTP_PROXY, HTTPS_PROXY and NO_PROXY',
    )
  const authorization = proxyAuthorization(url)
  if (base.origin.startsWith('https:')) return { ...base, connect: tunnel(url, authorization) }
  return {
    ...base,
    origin: url.origin,
    path: base.origin + base.path,
    headers: { host: new URL(base.origin).host, ...authorization },
  }
}

function proxyAuthorization(url: URL): Readonly<Record<string, string>> {
  if (url.username === '' && url.password === '') return {}
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}

function tunnel(proxy: URL, headers: Readonly<Record<string, string>>): Connect {
  const upgrade = buildConnector({ timeout: connectTimeoutMs })
  return (options, callback) => {
    openTunnel(proxy, `${options.hostname}:${options.port || '443'}`, headers).then(
      (socket) => upgrade({ ...options, httpSocket: socket }, callback),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    )
  }
}

function openTunnel(
  proxy: URL,
  target: string,
  headers: Readonly<Record<string, string>>,
): Promise<Socket> {
  const send = proxy.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const request = send(proxy.origin, {
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...headers },
      timeout: connectTimeoutMs,
      agent: false,
    })
    request.once('connect', (response, socket: Duplex) => {
      if (response.statusCode === 200 && socket instanceof Socket) resolve(socket)
      else {
        socket.destroy()
        reject(new Error(`the proxy refuses (${response.statusCode ?? 'no status'})`))
      }
    })
    request.once('response', (response) => {
      response.resume()
      reject(new Error(`the proxy refuses (${response.statusCode ?? 'no status'})`))
    })
    request.once('timeout', () => request.destroy(new Error('the proxy does not answer')))
    request.once('error', reject)
    request.end()
  })
}
