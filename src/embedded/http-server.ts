/** The HTTP server: checks the caller, finds the route, and logs each request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isHostAllowed, isOriginAllowed } from './caller-check.ts'
import { serveChat, serveGenerate, type Call, type Serving } from './generation-routes.ts'
import { HttpProblem } from './http-problem.ts'
import { ginLine, slogLine, type Log } from './log-line.ts'
import { serveRunning, serveShow, serveTags } from './model-routes.ts'
import { Reply } from './reply.ts'
import type { ServerSettings } from './server-settings.ts'

type Handler = (serving: Serving, call: Call, reply: Reply) => void | Promise<void>

const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/': readable((_serving, _call, reply) => reply.text(200, 'Ollama is running')),
  '/api/version': readable(({ version }, _call, reply) => reply.json(200, { version })),
  '/api/tags': readable((serving, _call, reply) => serveTags(serving, reply)),
  '/api/ps': { GET: (serving, _call, reply) => serveRunning(serving, reply) },
  '/api/show': { POST: serveShow },
  '/api/generate': { POST: serveGenerate },
  '/api/chat': { POST: serveChat },
}

function readable(handler: Handler): Readonly<Record<string, Handler>> {
  return { GET: handler, HEAD: handler }
}

/** @param serving the engine that answers; requests that arrive before it is ready wait for it */
export function createHttpServer(
  serving: Promise<Serving>,
  settings: ServerSettings,
  log: Log,
): Server {
  const server = createServer((request, response) => {
    void handle(serving, settings, log, request, response)
  })
  server.keepAliveTimeout = 0 // as in Ollama, an idle connection stays open until the client closes it
  server.headersTimeout = 0
  server.requestTimeout = 0
  return server
}

async function handle(
  serving: Promise<Serving>,
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
    const handler = admit(request, method, path, settings, reply)
    if (handler === undefined) return
    const ready = await serving
    const body = await readText(request)
    await handler(ready, { body, arrivedAt: performance.now(), signal: cancellation.signal }, reply)
  } catch (error) {
    if (!cancellation.signal.aborted) refuse(error, reply, log)
  }
}

/** Returns the route's handler, or undefined if the request was already answered. */
function admit(
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

/** Reports an error: as a status if nothing was sent yet, otherwise as a last line. */
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
