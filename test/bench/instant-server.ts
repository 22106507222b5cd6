/**
 * A server process that answers at once with a prepared stream, each line in its own chunk as Ollama sends them. It
 * uses almost no CPU time, so that the client is measured and not the server. Argument: tokens per stream. Sends its
 * port to the parent process.
 */
import { createServer } from 'node:net'
import { answerLines } from '../support/scripted-ollama.ts'

const tokens = Number(process.argv[2] ?? 1)
const lines = answerLines({ content: Array<string>(tokens).fill(' token') })
const chunks = lines.map((line) => `${Buffer.byteLength(line).toString(16)}\r\n${line}\r\n`)
const head =
  'HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n'
const stream = Buffer.from(`${head}${chunks.join('')}0\r\n\r\n`)
const version = '{"version":"0.11.3"}'
const versionReply = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${version.length}\r\n\r\n${version}`,
)

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  let received = ''
  socket.on('data', (data) => {
    received += data.toString('latin1')
    for (let size = requestSize(received); size <= received.length; size = requestSize(received)) {
      socket.write(received.startsWith('GET') ? versionReply : stream)
      received = received.slice(size)
    }
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.send?.(address?.port)
})
process.on('disconnect', () => process.exit())

/** The length of the first request in characters; Infinity while its head is incomplete. */
function requestSize(text: string): number {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return Infinity
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? '0'
  return headEnd + 4 + Number(length)
}
