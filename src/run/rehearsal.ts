/**
 * Warms up the load generator's own code before a run, with a small load against a server inside this process. Node
 * runs code many times slower until it has compiled it. Without a rehearsal, the times of the first measured requests
 * would include this. The measured server gets no request, so its state stays as it is.
 */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { RunQueueReader } from '../host/processes/run-queue.ts'
import { OllamaClient } from '../ollama/client.ts'
import { sendUnrecorded } from './unrecorded-load.ts'

const users = 16
const requestsPerUser = 16
const tokens = 16

/**
 * Never rejects. If the server cannot be started, only the first measured requests are slower.
 * @returns the number of requests that were answered
 */
export async function rehearse(
  runQueue: RunQueueReader['runQueue'],
  signal: AbortSignal,
): Promise<number> {
  const server = createServer((socket) => answerEach(socket))
  try {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return await runRehearsal(server, runQueue, signal)
  } catch {
    return 0
  } finally {
    server.close()
  }
}

async function runRehearsal(
  server: Server,
  runQueue: RunQueueReader['runQueue'],
  signal: AbortSignal,
): Promise<number> {
  const address = server.address()
  if (typeof address !== 'object' || address === null) return 0
  const client = new OllamaClient({ baseUrl: `http://127.0.0.1:${address.port}`, runQueue })
  const { counts } = await sendUnrecorded(
    client,
    {
      load: { kind: 'closed-requests', users, requests: users * requestsPerUser },
      warmupRequests: 0,
    },
    (prepared, options) => client.generate(prepared, options),
    signal,
  )
  return counts.ok
}

const line = (fields: object) => {
  const text = `${JSON.stringify({ model: 'm', created_at: '2025-08-08T14:21:03Z', ...fields })}\n`
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}
const head =
  'HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n'
const version = '{"version":"0"}'
const versionReply = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${version.length}\r\n\r\n${version}`
const token = line({ message: { role: 'assistant', content: ' token' }, done: false })
const final = line({
  message: { role: 'assistant', content: '' },
  done_reason: 'stop',
  done: true,
  total_duration: 1,
  load_duration: 1,
  prompt_eval_count: 1,
  prompt_eval_duration: 1,
  eval_count: tokens,
  eval_duration: 1,
})

/** Answers each request. Expects it in one piece: on loopback, small requests arrive so. */
function answerEach(socket: Socket): void {
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes) => {
    if (bytes.toString('latin1', 0, 3) === 'GET') socket.write(versionReply)
    else sendLines(socket, 0)
  })
}

/** Sends each line by itself, as a model does. */
function sendLines(socket: Socket, index: number): void {
  if (socket.destroyed) return
  if (index === tokens) socket.write(`${final}0\r\n\r\n`)
  else {
    socket.write(index === 0 ? head + token : token)
    setImmediate(() => sendLines(socket, index + 1))
  }
}
