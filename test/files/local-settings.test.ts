import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadLocalSettings, parseLocalSettings } from '../../src/files/local-settings.ts'

describe('exp.local.yaml', () => {
  it('returns the name of this machine and the paths of its Ollama programs and models', () => {
    const text =
      'name: m1-pro\nollama:\n  binaries:\n    "0.11.3": bin/ollama\n    0.33.0: ~/ollama\n  models: /data/models\npowermetrics: power.log\ndatasets: {support: ~/private/s.jsonl, 评论: b.csv}\n'
    expect(parseLocalSettings(text, '/project')).toEqual({
      name: 'm1-pro',
      ollama: {
        binaries: { '0.11.3': '/project/bin/ollama', '0.33.0': join(homedir(), 'ollama') },
        models: '/data/models',
      },
      powermetrics: '/project/power.log',
      datasets: { support: join(homedir(), 'private/s.jsonl'), 评论: '/project/b.csv' },
    })
  })

  it('may be absent or empty', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exp-local-'))
    expect(loadLocalSettings(folder)).toEqual({ ollama: { binaries: {} } })
    await writeFile(join(folder, 'exp.local.yaml'), '# nothing yet\n')
    expect(loadLocalSettings(folder)).toEqual({ ollama: { binaries: {} } })
    await rm(folder, { recursive: true })
  })

  it.each([
    ['name: [a]', 'exp.local.yaml:1:7: `name`: '],
    [
      'name: ok\nollama:\n  binaires: {}\n',
      'exp.local.yaml:3:13: unknown key `binaires`; did you mean `binaries`?',
    ],
    ['name: "a\\nb"', 'letters, digits, spaces'],
    ['name: a\nname: b', 'exp.local.yaml:2:1: '],
    ['ollama: {models: ""}', 'exp.local.yaml:1:18: `ollama.models`: '],
    ['dataset: {a: b}', 'unknown key `dataset`; did you mean `datasets`?'],
    ['datasets: {a: [b]}', 'exp.local.yaml:1:15: `datasets.a`: '],
    ['datasets: {a/b: c}', 'exp.local.yaml:1:1'],
    ['name: x\n\tollama: {}', 'exp.local.yaml:2:'],
    ['just text', 'exp.local.yaml:1:1: '],
    [
      'a: &a [x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b]\nd: [*c, *c, *c]',
      'exp.local.yaml:1:1: aliases',
    ],
  ])('rejects %j with the position of the problem', (text, message) => {
    expect(() => parseLocalSettings(text, '/project')).toThrow(message)
  })
})
