/** Sends the pictures of samples to a server that answers by a script. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { Project } from '../support/project.ts'
import { answers, json, ScriptedOllama } from '../support/scripted-ollama.ts'

/** A PNG of one pixel. */
const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

let project: Project
let server: ScriptedOllama
let capabilities: string[]
beforeEach(async () => {
  project = new Project()
  capabilities = ['completion', 'vision']
  server = await ScriptedOllama.start({
    models: ['sees:1b'],
    generate: ({ path }) =>
      path === '/api/generate' ? answers({ api: 'generate', content: [] }) : answers(),
    other: ({ path }) =>
      path === '/api/show' ? json({ details: {}, capabilities, model_info: {} }) : undefined,
  })
  project.write(
    'experiments/pictures.yaml',
    `title: Pictures
model: sees:1b
dataset: datasets/pictures.yaml
keep: {prompts: text}
workload:
  prompt: "{{text}}"
  load: {users: 1, requests: 2}
  warmup: {requests: 0}
rounds: 2
configs:
  main: {target: {url: "${server.url}"}}
`,
  )
  project.write(
    'experiments/datasets/pictures.yaml',
    'name: pictures\nsamples:\n  - {text: What is this?, images: [pixel.png]}\n  - {text: And without?}\n',
  )
  project.writeBytes('experiments/datasets/pixel.png', Buffer.from(picture, 'base64'))
})
afterEach(async () => {
  await server.close()
  project.remove()
})

async function run() {
  const io = memoryIo(project.root)
  const code = await runCommandLine(['run', 'experiments/pictures.yaml'], io)
  return { code, err: io.err() }
}

describe('images of samples', () => {
  it('are sent with their prompt, and not stored', async () => {
    const { code, err } = await run()
    expect(code, err).toBe(0)
    const sent = server.received.filter(({ path }) => path === '/api/chat')
    const withPicture = sent.filter(({ body }) => JSON.stringify(body).includes('What is this?'))
    expect(withPicture.length).toBeGreaterThan(0)
    for (const { body } of withPicture)
      expect(body).toMatchObject({ messages: [{ role: 'user', images: [picture] }] })
    for (const { body } of sent.filter((each) => !withPicture.includes(each)))
      expect(JSON.stringify(body)).not.toContain('images')
    for (const name of project.list('reports/pictures/results'))
      expect(project.read(`reports/pictures/results/${name}`)).not.toContain(picture.slice(0, 40))
  })

  it('change the digest of the dataset', async () => {
    const digest = /"datasetDigest": "([^"]+)"/
    await run()
    const before = digest.exec(project.read('reports/pictures/v1.0.lock.json'))?.[1]
    const other = Buffer.concat([Buffer.from(picture, 'base64'), Buffer.from([0])])
    project.writeBytes('experiments/datasets/pixel.png', other)
    await run()
    const after = digest.exec(project.read('reports/pictures/v2.0.lock.json'))?.[1]
    expect(after).toBeDefined()
    expect(after).not.toBe(before)
  })

  it('are refused before anything is measured if the model does not support images', async () => {
    capabilities = ['completion', 'tools']
    const { code, err } = await run()
    expect(code).toBe(3)
    expect(err).toContain(
      'samples of `pictures` have images, and `sees:1b` does not support images: its capabilities are completion, tools',
    )
    expect(server.received.filter(({ path }) => path === '/api/chat')).toEqual([])
  })
})
