/**
 * The server for `exp doctor --calibrate`, which runs in its own process. It streams answers like Ollama, all in step,
 * and the last line of each answer holds the time at which it was written. Prints its port; exits when its standard
 * input ends.
 */
import { createServer, type Socket } from 'node:net'

const tokens = 16
const msBetweenTokens = 20

interface Stream {
  readonly socket: Socket
  sent: number
}

const chunk = (fields: object) => {
  const text = `${JSON.stringify({ model: 'm', created_at: '2025-08-08T14:21:03Z', ...fields })}\n`
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}
const head =
  'HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n'
const versionReply =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"version":"0"}'
const token = chunk({ message: { role: 'assistant', content: ' token' }, done: false })

/** `total_duration` is the time of the system's monotonic clock, in nanoseconds. */
function final(): string {
  return chunk({
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: 'stop',
    total_duration: Number(process.hrtime.bigint()),
    prompt_eval_count: 1,
    prompt_eval_duration: 1,
    eval_count: tokens,
    eval_duration: 1,
  })
}

const streams = new Set<Stream>()

function sendNext(stream: Stream): void {
  const { socket, sent } = stream
  stream.sent += 1
  if (sent < tokens) socket.write(sent === 0 ? head + token : token)
  else {
    streams.delete(stream)
    socket.write(`${final()}0\r\n\r\n`)
  }
}

const server = createServer((socket) => {
  socket.setNoDelay(true)
  const stream: Stream = { socket, sent: 0 }
  socket.on('error', () => socket.destroy())
  socket.on('close', () => streams.delete(stream))
  // Requests are small: each arrives in one piece on loopback.
  socket.on('data', (bytes) => {
    if (bytes.toString('latin1', 0, 3) === 'GET') socket.write(versionReply)
    else {
      stream.sent = 0
      streams.add(stream)
    }
  })
})

const ticks = setInterval(() => {
  for (const stream of streams) sendNext(stream)
}, msBetweenTokens)

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`)
})
process.stdin.resume()
process.stdin.on('end', () => {
  clearInterval(ticks)
  process.exit(0)
})
