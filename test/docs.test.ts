/** Checks what the READMEs show: every YAML is read, every command of exp is run or, with others' servers, planned. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { runCommandLine } from '../src/cli/command-line.ts'
import { formatProblems } from '../src/experiment/format-problem.ts'
import { parseExperimentFile } from '../src/notebook/project.ts'
import { manifestPath } from '../src/targets/process/model-store.ts'
import { writeScriptedProgram } from './support/scripted-program.ts'
import { memoryIo } from './support/memory-io.ts'

const repository = path.join(import.meta.dirname, '..')
const readmes = ['README.md', 'README.zh-CN.md'] as const
const textOf = (readme: string) => readFileSync(path.join(repository, readme), 'utf8')

function blocks(readme: string, language: string): readonly string[] {
  const pattern = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms')
  return [...textOf(readme).matchAll(pattern)].map(([, block = '']) => block)
}

const commandsIn = (readme: string): readonly string[] =>
  blocks(readme, 'bash').flatMap((block) => block.trim().split('\n'))

let root: string
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'exp-docs-'))
  cpSync(path.join(repository, 'experiments/datasets'), path.join(root, 'experiments/datasets'), {
    recursive: true,
  })
})
afterAll(() => rmSync(root, { recursive: true }))

/** What a part of an experiment lacks to be a whole one, by key. */
const parts: Readonly<Record<string, string>> = {
  title: 'title: example',
  model: 'model: m',
  dataset: 'dataset: {name: d, samples: [{text: x}]}',
  workload: 'workload: {prompt: "{{text}}", load: {users: 4, duration: 30s}}',
  configs: 'configs: {native: {target: process}}',
}

/** The example with what it lacks; figures of documents need only a title. */
function wholeExperiment(text: string): string {
  const keys = Object.keys(parseYaml(text) as object)
  const needed = text.includes('recorded:') ? ['title'] : Object.keys(parts)
  const missing = needed.filter((key) => !keys.includes(key)).map((key) => parts[key])
  return [...missing, text].join('\n')
}

describe.each(readmes)('the YAML in %s', (readme) => {
  const examples = blocks(readme, 'yaml')

  it('has a whole experiment, a mix, conversations, a grid, a race and a document', () => {
    const keys = examples.map((text) => Object.keys(parseYaml(text) as object))
    expect(keys[0]).toContain('title')
    expect(keys.slice(1)).toEqual([
      ['workload'],
      ['dataset'],
      ['configs', 'vary', 'hypotheses'],
      ['configs', 'tune', 'slo'],
      ['configs'],
    ])
  })

  it.each(examples.map((text, index) => [index, text] as const))('%d is valid', (index, text) => {
    const file = `experiments/example-${index}.yaml`
    writeFileSync(path.join(root, file), wholeExperiment(text))
    mkdirSync(path.join(root, 'experiments/logs'), { recursive: true })
    writeFileSync(
      path.join(root, 'experiments/logs/docker-june.log'),
      'time=2025-06-10T10:00:00Z level=INFO msg="Listening on 127.0.0.1:11434 (version 0.9.6)"\n',
    )
    const { problems, texts } = parseExperimentFile(root, file)
    expect(formatProblems(problems, texts)).toBe('')
  })
})

/** Puts an Ollama with these models on the path. Returns the environment in which exp finds both. */
function ollamaIn(folder: string, models: readonly string[]) {
  writeScriptedProgram(path.join(folder, 'bin'))
  for (const model of models) {
    const manifest = path.join(folder, 'models/manifests', ...manifestPath(model))
    mkdirSync(path.dirname(manifest), { recursive: true })
    writeFileSync(manifest, '{}')
  }
  process.env['PATH'] = `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`
  return {
    ...process.env,
    XDG_STATE_HOME: path.join(folder, 'state'),
    OLLAMA_HOST: '127.0.0.1:1',
    OLLAMA_MODELS: path.join(folder, 'models'),
  }
}

describe.each([
  ['README.md', 'en'],
  ['README.zh-CN.md', 'zh-CN'],
] as const)('the example in %s', (readme, locale) => {
  it('is what the command prints in a terminal of 80 columns', async () => {
    const io = memoryIo(repository, { terminal: true, columns: 80 })
    await runCommandLine(['show', 'docker-vs-native', '--lang', locale], io)
    const printed = stripVTControlCharacters(io.out()).trimEnd()
    expect(textOf(readme)).toContain(`\`\`\`text\n$ exp show docker-vs-native\n${printed}\n\`\`\``)
  })

  it('shows pictures that exist', () => {
    const pictures = [...textOf(readme).matchAll(/^!\[[^\]]+\]\((.+)\)$/gm)]
    expect(pictures).toHaveLength(2)
    for (const [, file = ''] of pictures) expect(existsSync(path.join(repository, file))).toBe(true)
  })
})

describe('the commands in the READMEs', () => {
  it('are the same in each language', () => {
    const [english, chinese] = readmes.map(commandsIn)
    expect(chinese).toEqual(english)
    const table = (readme: string) => textOf(readme).match(/^\| `exp [^`|]*`/gm)
    expect(table('README.zh-CN.md')).toEqual(table('README.md'))
  })

  it('exist with their options, and the table lists all of them', async () => {
    const io = memoryIo(root)
    await runCommandLine(['--help'], io)
    const [, list = ''] = /^Commands:\n(.*?)\n\n/ms.exec(io.out()) ?? []
    const known = [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name)
    const rows = [...textOf('README.md').matchAll(/^\| `exp ([a-z]+)[^|]*\|([^|]*)\|$/gm)]
    expect(new Set(rows.map(([, name]) => name))).toEqual(
      new Set(known.filter((name) => name !== 'help')),
    )
    for (const [, name = '', says = ''] of rows) {
      const help = memoryIo(root)
      await runCommandLine([name, '--help'], help)
      for (const [option] of says.matchAll(/--[a-z-]+/g)) expect(help.out()).toContain(option)
    }
  })

  const own = commandsIn('README.md').filter((line) => line.startsWith('exp '))
  const needsOthers = (line: string) => /docker|http:|0\.11\.3/.test(line)
  const shortRace = ['--vary', 'num_thread=1,2', '--budget', '1s', '--duration', '100ms', '--yes']
  /** What makes a run of minutes a run of seconds. */
  const shorter = (line: string) => {
    if (line.startsWith('exp compare')) return ['--rounds', '1', '--duration', '100ms']
    if (line.startsWith('exp tune')) return shortRace
    if (line.startsWith('exp run')) return ['--rounds', '1', '--yes']
    return line.startsWith('exp init') ? ['--duration', '100ms'] : []
  }

  it('work one after the other, on a machine with Ollama', async () => {
    const cwd = mkdtempSync(path.join(tmpdir(), 'exp-docs-'))
    const env = ollamaIn(cwd, ['qwen3:0.6b', 'qwen3:1.7b'])
    for (const line of own.filter((each) => !needsOthers(each))) {
      const io = memoryIo(cwd, { env })
      const args = [...line.split(/\s+/).slice(1), ...shorter(line)]
      expect(await runCommandLine(args, io), `${line}\n${io.err()}`).toBe(0)
    }
    rmSync(cwd, { recursive: true })
  }, 600_000)

  it('are planned as intended if they need servers that a test does not have', async () => {
    const cwd = mkdtempSync(path.join(tmpdir(), 'exp-docs-'))
    // No server answers there, also if one runs on this machine.
    const env = { ...process.env, OLLAMA_HOST: '127.0.0.1:1' }
    for (const [index, line] of own.filter(needsOthers).entries()) {
      const [, , ...words] = line.split(/\s+/)
      const options = words.findIndex((word) => word.startsWith('-'))
      const models = options === -1 ? words : words.slice(0, options)
      const init = [
        ...['init', `planned-${index}`],
        ...models.flatMap((model) => ['--model', model]),
        ...words.slice(models.length),
      ]
      const io = memoryIo(cwd, { env })
      expect(await runCommandLine(init, io), `${line}\n${io.err()}`).toBe(0)
      const check = memoryIo(cwd)
      expect(await runCommandLine(['validate', 'experiments/*.yaml'], check)).toBe(0)
      expect(check.err()).toBe('')
    }
    rmSync(cwd, { recursive: true })
  })
})
