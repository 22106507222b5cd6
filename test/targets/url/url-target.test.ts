import { mkdtemp, rm, writeFile, appendFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Target } from '../../../src/experiment/target-kinds.ts'
import { localServerLog } from '../../../src/targets/evidence/local-server-log.ts'
import { UrlTarget } from '../../../src/targets/url/url-target.ts'
import { recordedTools } from '../../host/recorded-machine.ts'
import { cannedServer, healthy } from '../canned-server.ts'
import type { CannedAnswer, CannedServer } from '../canned-server.ts'
import { configFor } from '../config.ts'
import { metalRunner } from '../../ollama/recorded-logs.ts'

const { signal } = new AbortController()
const noLogs = localServerLog(recordedTools({ platform: 'linux' }), [])
const target = new UrlTarget({}, noLogs)
const open: CannedServer[] = []

async function serve(answers: Readonly<Record<string, CannedAnswer>>): Promise<CannedServer> {
  const server = await cannedServer(answers)
  open.push(server)
  return server
}

const at = (url: string, headers: Readonly<Record<string, string>> = {}): Target => ({
  kind: 'url',
  url,
  headers,
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

describe('UrlTarget.check', () => {
  it('accepts a server that has the model, and notes which other models are loaded', async () => {
    const server = await serve(healthy)
    expect(await target.check(configFor(at(`${server.url}/`)), signal)).toEqual({
      available: true,
      notes: [
        `\`llama3:8b\` is loaded too; to unload: \`OLLAMA_HOST=${server.url} ollama stop llama3:8b\``,
      ],
    })
  })

  it('accepts the pinned digest of a model, and rejects another one, with what to do', async () => {
    const server = await serve(healthy)
    const pinned = (digest: string) =>
      configFor(at(server.url), { model: { name: 'qwen3:0.6b', digest } })
    expect(await target.check(pinned('7df6b6e09427'), signal)).toMatchObject({ available: true })
    expect(await target.check(pinned('0f1e2d3c4b5a6978'), signal)).toEqual({
      available: false,
      why: `the server at \`${server.url}\` has \`qwen3:0.6b\` with the digest \`7df6b6e09427\`, but the file pins \`0f1e2d3c4b5a\``,
      fix: `to measure the one that is there, pin it (\`digest: 7df6b6e09427\`) or remove the pin; to measure the pinned one, bring it there: \`OLLAMA_HOST=${server.url} ollama pull qwen3:0.6b\`, if the registry still has it under that name`,
    })
    await expect(target.start(pinned('0f1e2d3c4b5a'), signal)).rejects.toThrow('the file pins')
    expect(server.requests.map(({ line }) => line)).not.toContain('POST /api/generate')
  })

  it('rejects a pinned model that the server does not list', async () => {
    const server = await serve({ ...healthy, 'GET /api/tags': { body: { models: [] } } })
    const model = { name: 'qwen3:0.6b', digest: '7df6b6e09427' }
    expect(await target.check(configFor(at(server.url), { model }), signal)).toMatchObject({
      available: false,
      why: expect.stringContaining('does not list that model') as string,
    })
  })

  it('notes that exp cannot set variables on a running server', async () => {
    const server = await serve({ ...healthy, 'GET /api/ps': { body: { models: null } } })
    const config = configFor(at(server.url), { env: { OLLAMA_NUM_PARALLEL: '4' } })
    expect(await target.check(config, signal)).toMatchObject({
      notes: [expect.stringContaining('exp cannot set `OLLAMA_NUM_PARALLEL`')],
    })
  })

  it('rejects a server without the model, with the command that pulls it', async () => {
    const server = await serve({
      ...healthy,
      'POST /api/show': { status: 404, body: { error: "model 'qwen3:0.6b' not found" } },
    })
    expect(await target.check(configFor(at(server.url)), signal)).toEqual({
      available: false,
      why: `the server at \`${server.url}\` does not have the model \`qwen3:0.6b\``,
      fix: `OLLAMA_HOST=${server.url} ollama pull qwen3:0.6b`,
    })
  })

  it('distinguishes a refused connection, a web page, and another service that answers JSON', async () => {
    const closed = await serve({})
    await closed.close()
    expect(await target.check(configFor(at(closed.url)), signal)).toMatchObject({
      available: false,
      why: expect.stringContaining('connection refused') as string,
    })
    const page = await serve({
      'GET /api/version': { type: 'text/html', body: '<!doctype html><title>Hello</title>' },
    })
    expect(await target.check(configFor(at(page.url)), signal)).toMatchObject({
      why: expect.stringContaining('it sent a web page') as string,
    })
    const other = await serve({ 'GET /api/version': { body: { name: 'other' } } })
    expect(await target.check(configFor(at(other.url)), signal)).toMatchObject({
      why: expect.stringContaining('does not answer like Ollama') as string,
    })
  })

  it('fills headers from the environment, and names a variable that is not set', async () => {
    const server = await serve(healthy)
    const config = configFor(at(server.url, { authorization: 'Bearer ${MY_TOKEN}' }))
    expect(await target.check(config, signal)).toEqual({
      available: false,
      why: 'the header `authorization` needs the variable `MY_TOKEN`, which is not set',
      fix: 'export MY_TOKEN=…',
    })
    expect(server.requests).toEqual([])
    const filled = new UrlTarget({ MY_TOKEN: 'secret' }, noLogs)
    expect(await filled.check(config, signal)).toMatchObject({ available: true })
    expect(server.requests.every(({ authorization }) => authorization === 'Bearer secret')).toBe(
      true,
    )
    const broken = new UrlTarget({ MY_TOKEN: 'a\r\nx-evil: 1' }, noLogs)
    expect(await broken.check(config, signal)).toMatchObject({ available: false })
  })
})

describe('UrlTarget behind a proxy from the environment', () => {
  it('names the proxy without its credentials, in the plan and in the record', async () => {
    const server = 'http://gpu.example:11434'
    const proxy = await serve(
      Object.fromEntries(
        Object.entries(healthy).map(([line, answer]) => [line.replace(' ', ` ${server}`), answer]),
      ),
    )
    const { host } = new URL(proxy.url)
    const behind = new UrlTarget({ ALL_PROXY: `http://me:secret@${host}` }, noLogs)
    const checked = await behind.check(configFor(at(server)), signal)
    expect(checked).toMatchObject({
      available: true,
      notes: [
        `requests to \`gpu.example:11434\` go through the proxy \`http://${host}\` (HTTP_PROXY, HTTPS_PROXY or ALL_PROXY); to avoid it, add the host to NO_PROXY`,
        expect.stringContaining('llama3:8b') as string,
      ],
    })
    const running = await behind.start(configFor(at(server)), signal)
    const observed = await running.observe('before', signal)
    expect(observed).toContainEqual({
      source: 'environment',
      facts: { proxy: `http://${host}` },
    })
    expect(await running.observe('after', signal)).not.toContainEqual(
      expect.objectContaining({ source: 'environment' }),
    )
    expect(JSON.stringify([checked, observed])).not.toContain('secret')
    await running.stop()
  })
})

describe('UrlTarget.start', () => {
  it('loads the model with the trial’s own options, reads facts, and changes nothing else', async () => {
    const server = await serve(healthy)
    const running = await target.start(configFor(at(server.url)), signal)
    const before = await running.observe('before', signal)
    expect(Object.assign({}, ...before.map(({ facts }) => facts))).toEqual({
      serverVersion: '0.11.3',
      modelDigest: '7df6b6e09427',
      modelSizeBytes: 522653767,
      modelFamily: 'qwen3',
      parameterSize: '751.63M',
      quantization: 'Q4_K_M',
      capabilities: '["completion","thinking"]',
      loadedSizeBytes: 1147480064,
      vramBytes: 0,
      contextLength: 4096,
      expiresAt: '2025-08-06T10:05:00Z',
    })
    expect(before.find(({ source }) => source === 'server log')?.missing).toMatchObject({
      slots: expect.stringContaining('no log of a server') as string,
    })
    expect((await running.observe('during', signal)).map(({ source }) => source)).toEqual([
      '/api/ps',
    ])
    await running.stop()
    await running.stop()
    expect([...new Set(server.requests.map(({ line }) => line))].sort()).toEqual([
      'GET /api/ps',
      'GET /api/tags',
      'GET /api/version',
      'POST /api/generate',
      'POST /api/show',
    ])
  })

  it('gives the reason for missing facts if an endpoint fails', async () => {
    const server = await serve({
      ...healthy,
      'GET /api/ps': { status: 500, body: { error: 'oh' } },
    })
    const running = await target.start(configFor(at(server.url)), signal)
    const [ps] = await running.observe('during', signal)
    expect(ps?.facts).toEqual({})
    expect(ps?.missing?.vramBytes).toContain('oh')
    await running.stop()
  })

  it('reads the server’s log too, if it is on this machine', async () => {
    const server = await serve(healthy)
    const folder = await mkdtemp(join(tmpdir(), 'exp-log-'))
    const path = join(folder, 'server.log')
    await writeFile(path, metalRunner.replaceAll('127.0.0.1:11434', new URL(server.url).host))
    const other = join(folder, 'other.log')
    await writeFile(other, metalRunner.replaceAll('version 0.11.3', 'version 9'))
    const logs = localServerLog(recordedTools({ platform: 'darwin' }), [other, path])
    const again = new UrlTarget({}, logs)
    await (await again.start(configFor(at(server.url)), signal)).stop()
    const running = await again.start(configFor(at(server.url)), signal)
    const logOf = async (when: 'before' | 'after') =>
      (await running.observe(when, signal)).find(({ source }) => source === 'server log')?.facts
    expect(await logOf('before')).toMatchObject({ serverVersion: '0.11.3', slots: 4, loadCount: 0 })
    await appendFile(path, 'msg="truncating input prompt" limit=1\nmsg="truncating inp')
    expect(await logOf('after')).toMatchObject({ truncatedPrompts: 1 })
    await appendFile(path, 'ut prompt" limit=1\n')
    expect(await logOf('after')).toMatchObject({ truncatedPrompts: 2 })
    await running.stop()
    await rm(folder, { recursive: true })
  })
})
