import { readFileSync } from 'node:fs'
import { createServer, request as send, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseBaseUrl, throughProxy } from '../../src/ollama/base-url.ts'
import { OllamaClient } from '../../src/ollama/client.ts'
import { prepareRequest } from '../../src/ollama/generation.ts'
import { answerLines } from '../support/scripted-ollama.ts'

const certificate = new URL('../support/tls/certificate.pem', import.meta.url)
const key = new URL('../support/tls/key.pem', import.meta.url)

const answer: Parameters<typeof createServer>[1] = (request, response) => {
  response.end(request.url === '/api/version' ? '{"version":"0.11.3"}' : answerLines().join(''))
}
const plain = createServer(answer)
const secure = createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, answer)
const received: string[] = []

/** A proxy that forwards requests with full URLs, opens tunnels, and requires credentials. */
const proxy = createServer((request, response) => {
  received.push(`${request.method ?? ''} ${request.url ?? ''}`)
  if (!isAuthorized(request.headers['proxy-authorization'])) {
    response.writeHead(407).end()
    return
  }
  const headers = { ...request.headers }
  delete headers['proxy-authorization']
  const onward = send(request.url ?? '', { method: request.method, headers }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers)
    reply.pipe(response)
  })
  request.pipe(onward)
})
proxy.on('connect', (request, socket) => {
  received.push(`CONNECT ${request.url ?? ''}`)
  if (!isAuthorized(request.headers['proxy-authorization'])) {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    return
  }
  const [host = '', port = ''] = (request.url ?? '').split(':')
  const onward = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    onward.pipe(socket).pipe(onward)
  })
  onward.on('error', () => socket.destroy())
  socket.on('error', () => onward.destroy())
})

const isAuthorized = (header: string | undefined) =>
  header === `Basic ${Buffer.from('me:p@ss').toString('base64')}`
const portOf = (server: Server) => (server.address() as AddressInfo).port
const through = (credentials = 'me:p%40ss@') => `http://${credentials}127.0.0.1:${portOf(proxy)}`
const servers = [plain, secure, proxy]

beforeAll(() =>
  Promise.all(
    servers.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))),
  ),
)
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

const chat = prepareRequest({ api: 'chat', model: 'm', prompt: 'p', options: {} })

describe('a server behind a proxy', () => {
  it('is reached over plain http by sending the full URL to the proxy', async () => {
    const baseUrl = `http://127.0.0.1:${portOf(plain)}`
    const client = new OllamaClient({ baseUrl, proxy: through() })
    received.length = 0
    expect(await client.version()).toBe('0.11.3')
    await client.connect(1)
    expect(await client.generate(chat, { timeoutMs: 30_000 })).toMatchObject({
      outcome: 'ok',
      content: '{"score":95}',
    })
    expect(received).toEqual([
      `GET ${baseUrl}/api/version`,
      `GET ${baseUrl}/api/version`,
      `POST ${baseUrl}/api/chat`,
    ])
    await client.close()
  })

  it('is an error if the proxy denies access', async () => {
    const baseUrl = `http://127.0.0.1:${portOf(plain)}`
    const client = new OllamaClient({ baseUrl, proxy: through('') })
    await expect(client.version()).rejects.toThrow('(407)')
    expect(await client.generate(chat, { timeoutMs: 30_000 })).toMatchObject({
      outcome: 'http-error',
      httpStatus: 407,
    })
    await client.close()
    expect(() => new OllamaClient({ baseUrl, proxy: 'socks5://x' })).toThrow('SOCKS proxy')
  })

  it('keeps a percent sign that two hex digits do not follow', () => {
    const { authorization } = parseBaseUrl('http://me:100%25%ZZ@127.0.0.1:1')
    expect(authorization).toBe(`Basic ${Buffer.from('me:100%%ZZ').toString('base64')}`)
  })

  it('keeps a percent sign that two hex digits do not follow in the credentials of a proxy', () => {
    const { headers } = throughProxy(parseBaseUrl('http://host:1'), 'http://me:100%@proxy:3128')
    const credentials = Buffer.from('me:100%').toString('base64')
    expect(headers).toEqual({ host: 'host:1', 'proxy-authorization': `Basic ${credentials}` })
    expect(() => throughProxy(parseBaseUrl('http://host:1'), 'http://proxy%:3128')).toThrow(
      'the address of the proxy in the environment is not an http or https URL',
    )
  })

  it('keeps the bytes of percent codes that are not UTF-8', () => {
    const { authorization } = parseBaseUrl('http://me:p%e4@127.0.0.1:1')
    expect(authorization).toBe(`Basic ${Buffer.from('me:p\u00e4', 'latin1').toString('base64')}`)
  })

  it('is reached over TLS through a tunnel, so that the proxy sees no request', async () => {
    received.length = 0
    const program = (proxyUrl: string) => `
      import { OllamaClient } from './src/ollama/client.ts'
      const client = new OllamaClient({ baseUrl: 'https://127.0.0.1:${portOf(secure)}', proxy: '${proxyUrl}' })
      console.log(await client.version().catch((error) => error.message))
      await client.close()`
    const run = async (proxyUrl: string) =>
      (
        await execa(
          process.execPath,
          ['--import', 'tsx', '--input-type=module', '-e', program(proxyUrl)],
          {
            cwd: fileURLToPath(new URL('../..', import.meta.url)),
            env: { NODE_EXTRA_CA_CERTS: fileURLToPath(certificate) },
          },
        )
      ).stdout
    expect(await run(through())).toBe('0.11.3')
    expect(await run(through(''))).toContain('opens no tunnel: it refuses (407)')
    expect(received).toEqual(Array(2).fill(`CONNECT 127.0.0.1:${portOf(secure)}`))
  })
})
