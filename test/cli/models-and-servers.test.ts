import { describe, expect, it } from 'vitest'
import { modelsAndServers } from '../../src/cli/init/models-and-servers.ts'

const labels = { native: 'native', docker: 'Docker', embedded: 'embedded engine' }
const ollama = { installed: '0.20.0', running: undefined }
const read = (models: readonly string[], on: readonly string[] = []) => {
  const {
    models: names,
    servers,
    placedModels,
    serverNames,
  } = modelsAndServers(models, on, labels, ollama)
  return {
    ...{ names, serverNames },
    servers: servers.map(({ label }) => label),
    placed: placedModels?.map(({ key, label, apply }) => ({ key, label, config: apply({}) })),
  }
}

describe('the models and servers that arguments name', () => {
  it('are each model on its own server', () => {
    const { placed, serverNames } = read(['a:1b@native', 'a:1b-tuned@http://127.0.0.1:11434'])
    expect(serverNames).toEqual(['native', 'http://127.0.0.1:11434'])
    expect(placed).toEqual([
      {
        ...{ key: 'a-1b-native', label: 'a:1b (native)' },
        config: { target: 'process', model: 'a:1b' },
      },
      {
        ...{ key: 'a-1b-tuned-127-0-0-1-11434', label: 'a:1b-tuned (127.0.0.1:11434)' },
        config: { target: { url: 'http://127.0.0.1:11434' }, model: 'a:1b-tuned' },
      },
    ])
  })

  it('are one model on several servers, or several on one, without a word about the other', () => {
    expect(read(['a@native', 'a@docker:ollama/ollama:0.20.0'])).toEqual({
      ...{ names: ['a'], placed: undefined, servers: ['native', 'Docker'] },
      serverNames: ['native', 'docker:ollama/ollama:0.20.0'],
    })
    expect(read(['a@http://box:1', 'b@http://box:1'])).toMatchObject({
      ...{ names: ['a', 'b'], placed: undefined, servers: ['box:1'] },
    })
  })

  it('have the servers of `--on`, or else the installed Ollama', () => {
    expect(read(['a', 'b'], ['native', 'docker'])).toMatchObject({
      ...{ names: ['a', 'b'], placed: undefined, servers: ['native', 'Docker'] },
    })
    expect(read(['hf.co/org/a@1', 'b'])).toMatchObject({
      ...{ names: ['hf.co/org/a@1', 'b'], servers: ['native'] },
    })
  })

  it.each([
    [['a@native', 'b'], [], '`b` has no server, and others have one'],
    [['a@native', 'b@docker'], ['native'], '`--on` names servers, and the models have their own'],
  ])('refuse %j with %j', (models, on, message) => {
    expect(() => read(models, on)).toThrow(message)
  })
})
