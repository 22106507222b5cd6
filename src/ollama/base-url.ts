/**
 * The address of a server, and how to reach it through a proxy. Requests to plain http servers are sent to the
 * proxy with the full URL. Connections to https servers use a tunnel, so that the proxy sees neither request nor
 * answer.
 */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { buildConnector } from 'undici'
import { ExpError } from '../errors/exp-error.ts'
import { tunnelProblem } from './connection-problem.ts'

const connectTimeoutMs = 30_000

export interface BaseUrl {
  /** Scheme, host and port to connect to. */
  readonly origin: string
  /** The part of the path before `/api/…`: empty, or for example `/ollama`. */
  readonly path: string
  /** The URL that messages show: without credentials, query or trailing slash. */
  readonly displayUrl: string
  /** `Basic …`, if the URL has a user name and a password. */
  readonly authorization?: string
  /** Headers that a proxy requires in every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Opens connections through a tunnel, if a proxy requires it. */
  readonly connect?: buildConnector.connector
}

/** Throws `ExpError` if the text is not an http or https URL. */
export function parseBaseUrl(text: string): BaseUrl {
  const url = parseHttpUrl(text)
  if (url === undefined)
    throw new ExpError(
      'invalid-input',
      `\`${text}\` is not the address of a server`,
      'write it with its scheme, like `http://127.0.0.1:11434`',
    )
  const path = url.pathname.replace(/\/+$/, '')
  const authorization = basicAuthorization(url)
  return {
    origin: url.origin,
    path,
    displayUrl: url.origin + path,
    ...(authorization !== undefined && { authorization }),
  }
}

/** The same server, reached through the proxy. Throws `ExpError` if the proxy is not an http or https URL. */
export function throughProxy(base: BaseUrl, proxy: string): BaseUrl {
  const url = parseHttpUrl(proxy)
  if (url === undefined)
    throw new ExpError(
      'environment',
      /^socks/i.test(proxy)
        ? 'the proxy in the environment is a SOCKS proxy; exp uses http and https proxies only'
        : 'the address of the proxy in the environment is not an http or https URL',
      'correct HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, or exclude this server with NO_PROXY',
    )
  const authorization = basicAuthorization(url)
  const headers = authorization === undefined ? {} : { 'proxy-authorization': authorization }
  if (base.origin.startsWith('https:')) return { ...base, connect: tunnelConnector(url, headers) }
  return {
    ...base,
    origin: url.origin,
    path: base.origin + base.path,
    headers: { host: new URL(base.origin).host, ...headers },
  }
}

function parseHttpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined
}

function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  return `Basic ${Buffer.concat([decodePercents(username), Buffer.from(':'), decodePercents(password)]).toString('base64')}`
}

/**
 * Decodes percent codes to bytes of any encoding. As in curl, a `%` without two hexadecimal digits after it is kept.
 */
function decodePercents(text: string): Buffer {
  const bytes = Buffer.from(text).toString('latin1')
  const codes = /%([0-9a-f]{2})/gi
  return Buffer.from(
    bytes.replace(codes, (_, code: string) => String.fromCharCode(parseInt(code, 16))),
    'latin1',
  )
}

function tunnelConnector(
  proxy: URL,
  headers: Readonly<Record<string, string>>,
): buildConnector.connector {
  const startTls = buildConnector({ timeout: connectTimeoutMs })
  return (options, callback) => {
    openTunnel(proxy, `${options.hostname}:${options.port || '443'}`, headers).then(
      (socket) => startTls({ ...options, httpSocket: socket }, callback),
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
    const fail = (why: string) => {
      const { message, hint } = tunnelProblem(proxy.origin, why)
      reject(new ExpError('environment', message, hint))
    }
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
        fail(`it refuses (${response.statusCode ?? 'no status'})`)
      }
    })
    request.once('response', (response) => {
      response.resume()
      fail(`it refuses (${response.statusCode ?? 'no status'})`)
    })
    request.once('timeout', () => request.destroy(new Error('it does not answer')))
    request.once('error', ({ message }) => fail(message))
    request.end()
  })
}
