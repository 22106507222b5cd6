/** The HTTP server: checks the caller, finds the route, and logs each request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { serveChat, serveGenerate, type Call, type RouteContext } from './generation-routes.ts'
import { serveEmbed } from './embed-route.ts'
import { ginLine, slogLine, type Log } from './log-line.ts'
import { serveRunning, serveShow, serveTags } from './model-routes.ts'
import { Reply, HttpProblem } from './reply.ts'
import type { ServerSettings } from './server-settings.ts'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'

type Handler = (context: RouteContext, call: Call, reply: Reply) => void | Promise<void>

const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/': getAndHead((_context, _call, reply) => reply.text(200, 'Ollama is running')),
  '/api/version': getAndHead(({ version }, _call, reply) => reply.json(200, { version })),
  '/api/tags': getAndHead((context, _call, reply) => serveTags(context, reply)),
  '/api/ps': { GET: (context, _call, reply) => serveRunning(context, reply) },
  '/api/show': { POST: serveShow },
  '/api/generate': { POST: serveGenerate },
  '/api/chat': { POST: serveChat },
  '/api/embed': { POST: serveEmbed },
}

function getAndHead(handler: Handler): Readonly<Record<string, Handler>> {
  return { GET: handler, HEAD: handler }
}

/** @param context resolves when the engine is ready; earlier requests wait until then */
export function createHttpServer(
  context: Promise<RouteContext>,
  settings: ServerSettings,
  log: Log,
): Server {
  const server = createServer((request, response) => {
    void handle(context, settings, log, request, response)
  })
  server.keepAliveTimeout = 0 // as in Ollama, an idle connection stays open until the client closes it
  server.headersTimeout = 0
  server.requestTimeout = 0
  return server
}

async function handle(
  context: Promise<RouteContext>,
  settings: ServerSettings,
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET'
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const reply = new Reply(response, method)
  const startedAt = performance.now()
  const cancellation = new AbortController()
  response.once('close', () => {
    const isConnectionLost = !response.writableFinished
    if (isConnectionLost) cancellation.abort(new HttpProblem(499, 'request canceled'))
    const status = isConnectionLost && !response.headersSent ? 499 : response.statusCode
    const address = request.socket.remoteAddress ?? ''
    log(ginLine({ status, milliseconds: performance.now() - startedAt, address, method, path }))
  })
  try {
    const handler = findHandler(request, method, path, settings, reply)
    if (handler === undefined) return
    const ready = await context
    const body = await readText(request)
    await handler(ready, { body, arrivedAt: performance.now(), signal: cancellation.signal }, reply)
  } catch (error) {
    if (!cancellation.signal.aborted) refuse(error, reply, log)
  }
}

/** Returns the route's handler, or undefined if the request was already answered. */
function findHandler(
  { headers }: IncomingMessage,
  method: string,
  path: string,
  settings: ServerSettings,
  reply: Reply,
): Handler | undefined {
  const host = headers.host ?? ''
  const isAdmitted =
    isHostAllowed(host, settings.host) && isOriginAllowed(headers.origin, host, settings.origins)
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined
  const handler = route?.[method]
  if (!isAdmitted) reply.empty(403)
  else if (route === undefined) reply.text(404, '404 page not found')
  else if (handler === undefined) reply.text(405, '405 method not allowed')
  return isAdmitted ? handler : undefined
}

/**
 * Answers with an error: as the response's status if nothing was sent yet, otherwise as the last line of the stream.
 */
function refuse(error: unknown, reply: Reply, log: Log): void {
  const problem =
    error instanceof HttpProblem
      ? error
      : new HttpProblem(500, `an error was encountered while running the model: ${String(error)}`)
  if (!(error instanceof HttpProblem)) log(slogLine('ERROR', problem.message))
  if (!reply.hasBegun) {
    reply.json(problem.status, { error: problem.message })
    return
  }
  reply.line({ error: problem.message })
  reply.end()
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const localNames = ['localhost', '127.0.0.1', '0.0.0.0']
const appSchemes = ['app://', 'file://', 'tauri://', 'vscode-webview://', 'vscode-file://']

/**
 * True if the server accepts the `Host` header.
 * @param boundTo the address that the server listens on
 */
export function isHostAllowed(header: string, boundTo: string): boolean {
  if (!isLoopback(boundTo)) return true
  const host = header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase()
  if (isIP(host) !== 0) return isPrivate(host) || isOwnAddress(host)
  return (
    host === '' ||
    host === 'localhost' ||
    host === hostname().toLowerCase() ||
    /\.(?:localhost|local|internal)$/.test(host)
  )
}

/**
 * True if a web page of this origin may send requests.
 * @param allowed the patterns of `OLLAMA_ORIGINS`; `*` matches any text
 */
export function isOriginAllowed(
  origin: string | undefined,
  host: string,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`)
    return true
  if (appSchemes.some((scheme) => origin.startsWith(scheme))) return true
  if (
    localNames.some((name) =>
      new RegExp(`^https?://${escapeForRegExp(name)}(?::.*)?$`).test(origin),
    )
  )
    return true
  return allowed.some((pattern) =>
    new RegExp(`^${pattern.split('*').map(escapeForRegExp).join('.*')}$`).test(origin),
  )
}

const escapeForRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const isLoopback = (address: string): boolean =>
  address === '::1' || address === 'localhost' || /^(?:::ffff:)?127\./.test(address)

const isPrivate = (address: string): boolean =>
  isLoopback(address) ||
  address === '0.0.0.0' ||
  address === '::' ||
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|f[cd])/.test(address)

const isOwnAddress = (address: string): boolean =>
  Object.values(networkInterfaces()).some((entries) =>
    entries?.some((entry) => entry.address === address),
  )
