import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerLines } from '../support/scripted-ollama.ts'

// A self-signed certificate for 127.0.0.1. Its key protects nothing.
const certificate = new URL('../support/tls/certificate.pem', import.meta.url)
const key = new URL('../support/tls/key.pem', import.meta.url)

const server = createServer(
  { cert: readFileSync(certificate), key: readFileSync(key) },
  (request, response) => {
    response.end(request.url === '/api/version' ? '{"version":"0.11.3"}' : answerLines().join(''))
  },
)
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => server.close(resolve)))

/** Calls the server from a new process, because Node reads the trusted authorities when it starts. */
async function callServer(env: Readonly<Record<string, string>>): Promise<unknown> {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const program = `
    import { OllamaClient } from './src/ollama/client.ts'
    import { prepareRequest } from './src/ollama/generation.ts'
    const client = new OllamaClient({ baseUrl: 'https://127.0.0.1:${port ?? 0}' })
    const version = await client.version().catch((error) => error.message)
    const request = prepareRequest({ api: 'chat', model: 'm', prompt: 'p', options: {} })
    const { outcome, content } = await client.generate(request, { timeoutMs: 30_000 })
    console.log(JSON.stringify({ version, outcome, content }))
    await client.close()`
  const { stdout } = await execa(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), env },
  )
  return JSON.parse(stdout)
}

describe('a server behind TLS', () => {
  it('is usable if its certificate is trusted', async () => {
    expect(await callServer({ NODE_EXTRA_CA_CERTS: fileURLToPath(certificate) })).toEqual({
      version: '0.11.3',
      outcome: 'ok',
      content: '{"score":95}',
    })
  })

  it('is refused with the reason if its certificate is not trusted', async () => {
    expect(await callServer({})).toEqual({
      version: expect.stringContaining('this machine does not trust its certificate') as string,
      outcome: 'refused',
      content: '',
    })
  })
})
