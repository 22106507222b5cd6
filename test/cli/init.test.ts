import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runCommandLine } from '../../src/cli/command-line.ts'
import type { Questions } from '../../src/cli/ask.ts'
import { ExpError } from '../../src/errors/exp-error.ts'
import { memoryIo } from '../support/memory-io.ts'
import { writeOllamaProgram } from '../support/ollama-program.ts'
import { ScriptedOllama } from '../support/scripted-ollama.ts'

let cwd: string
let server: ScriptedOllama
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'exp-init-test-'))
  server = await ScriptedOllama.start({ models: ['qwen3:0.6b', 'qwen3:1.7b'] })
})
afterEach(async () => {
  await server.close()
  await rm(cwd, { recursive: true })
})

const read = (file: string) => readFile(join(cwd, file), 'utf8')

async function exp(args: readonly string[], ask?: Questions, env: Record<string, string> = {}) {
  const io = memoryIo(cwd, {
    env: { ...process.env, OLLAMA_HOST: new URL(server.url).host, ...env },
    ...(ask === undefined ? {} : { ask }),
  })
  const code = await runCommandLine(args, io)
  return { code, out: io.out(), err: io.err() }
}

/** Answers each question with the option whose label contains the text, or writes the text. */
function answering(...answers: readonly string[]): Questions & { readonly asked: string[] } {
  const left = [...answers]
  const asked: string[] = []
  return {
    asked,
    choose: (question, options) => {
      asked.push(question)
      const answer = left.shift() ?? ''
      const option = options.find(({ label }) => label.includes(answer))
      if (option === undefined)
        throw new Error(`no ${answer} among ${options.map(({ label }) => label).join('; ')}`)
      return Promise.resolve(option.value)
    },
    write: (question) => {
      asked.push(question)
      return Promise.resolve(left.shift() ?? '')
    },
  }
}

describe('exp init with options', () => {
  it('writes an experiment that validates, and the files beside it', async () => {
    const args = ['--model', 'qwen3:0.6b', '--vary', 'OLLAMA_NUM_PARALLEL=1,4', '--on', 'native']
    const command = ['init', 'slots', ...args, '--users', '5', '--ramp', 'auto']
    const { code, out, err } = await exp(command)
    expect(code).toBe(0)
    expect(err).toBe(
      'defaults in it: 5 users for 30s, at least 20 requests; 6 rounds; two example prompts; reports in en\nnext: edit it, then `exp run experiments/slots.yaml`\n',
    )
    expect(out).toBe(
      'wrote experiments/slots.yaml\nnew: experiments/experiment.schema.json\nnew: .gitattributes\nnew: .gitignore\n',
    )
    expect(await read('experiments/slots.yaml')).toMatch(
      /load: \{users: 5, duration: 30s.*ramp: auto\}/,
    )
    expect(await exp(['validate', 'experiments/slots.yaml'])).toMatchObject({ code: 0, err: '' })
    expect(await read('.gitattributes')).toBe(
      'reports/** -text\nreports/*/results/** linguist-generated\nreports/*/*.lock.json linguist-generated\nreports/*/v*.md linguist-generated\nreports/*/charts/** linguist-generated\n',
    )
    expect(JSON.parse(await read('experiments/experiment.schema.json'))).toMatchObject({
      $id: 'urn:exp-notebook:experiment',
    })
  })

  it('states objectives and levels of users, checked like those of a file', async () => {
    const args = ['--model', 'qwen3:0.6b', '--on', 'native', '--users', '1,2,4']
    const { err } = await exp(['init', 'carried', ...args, '--slo', 'latencyP95<=2s'])
    expect(err).toContain('1, 2, 4 users, one after the other for 30s')
    const text = await read('experiments/carried.yaml')
    expect(text).toContain('slo: {latencyP95: <= 2s}')
    expect(text).toContain('claim: {metric: capacity, config: native, value: ">= 4 users"}')
    expect(await exp(['validate', 'experiments/carried.yaml'])).toMatchObject({ code: 0, err: '' })
  })

  it('searches a capacity, pauses between requests, and mixes models', async () => {
    const search = ['--capacity', '16', '--slo', 'latencyP95<=2s', '--pause', '3s']
    const { err } = await exp(['init', 'found', '--model', 'a', '--on', 'native', ...search])
    expect(err).toContain('1 to 16 users, found by a search, for 30s')
    const text = await read('experiments/found.yaml')
    expect(text).toContain('capacity: {of: users, upTo: 16}')
    expect(text).toContain('pause: 3s}')
    expect(text).toContain('claim: {metric: capacity, config: native, value: ">= 16 users"}')
    const loaded = ['--vary', 'OLLAMA_MAX_LOADED_MODELS=1,2', '--on', 'native']
    expect((await exp(['init', 'mixed', '--mix', 'a=3,b', ...loaded])).code).toBe(0)
    expect(await read('experiments/mixed.yaml')).toContain('mix: [{model: a, weight: 3}, {')
    for (const name of ['found', 'mixed'])
      expect(await exp(['validate', `experiments/${name}.yaml`])).toMatchObject({
        code: 0,
        err: '',
      })
    const both = await exp(['init', 'both', '--model', 'a', '--mix', 'a,b', ...loaded])
    expect(both.err).toContain('`--mix` names the models of all requests')
  })

  it.each([
    [['--slo', 'latencyP59<=2s'], 'no metric is named `latencyP59`'],
    [['--slo', 'latencyP95>=2s'], 'a lower `latencyP95` is better'],
    [['--slo', 'latencyP95<=2'], 'needs a unit'],
    [['--users', '1,2,2'], 'the level `2` is listed twice'],
    [['--users', '1,x'], 'Write a whole number'],
    [['--duration', '5'], '`5` is not a duration'],
    [['--pause', 'long'], '`long` is not a duration'],
    [['--capacity', '32'], 'a capacity needs objectives'],
    [['--prompts', 'none.txt'], 'there is no file `none.txt`'],
  ])('refuses %j and writes nothing', async (args, message) => {
    const chosen = ['--model', 'a', '--vary', 'num_ctx=512,1024', '--on', 'native']
    const { code, err } = await exp(['init', 'wrong', ...chosen, ...args])
    expect(code).toBe(2)
    expect(err).toContain(message)
    expect(await readdir(cwd)).toEqual([])
  })

  it('keeps what a project has in .gitattributes and .gitignore, and adds what is missing', async () => {
    await writeFile(join(cwd, '.gitattributes'), '*.png binary\nreports/** -text')
    await writeFile(join(cwd, '.gitignore'), 'node_modules')
    await exp(['init', 'a'])
    expect(await read('.gitignore')).toBe('node_modules\nexp.local.yaml\n')
    await writeFile(join(cwd, '.gitignore'), '/exp.local.yaml\r\ndist')
    const first = await read('.gitattributes')
    expect(first).toMatch(/^\*\.png binary\nreports\/\*\* -text\nreports\/\*\/results/)
    await exp(['init', 'b'])
    expect(await read('.gitattributes')).toBe(first)
    expect(await read('.gitignore')).toBe('/exp.local.yaml\r\ndist')
  })

  it('copies the prompts beside the experiment, and writes workflows for CI', async () => {
    await writeFile(join(cwd, 'mine.txt'), 'Say one\nSay two\n')
    const args = ['--prompts', 'mine.txt', '--ci', '--model', 'a', '--vary', 'num_ctx=512,1024']
    expect((await exp(['init', 'mine', ...args])).code).toBe(0)
    expect(await read('experiments/datasets/mine.txt')).toBe('Say one\nSay two\n')
    expect(await read('.github/workflows/exp.yaml')).toContain('npx exp check')
    const site: unknown = parse(await read('.github/workflows/exp-site.yaml'))
    expect(site).toMatchObject({ on: { workflow_dispatch: null }, permissions: { pages: 'write' } })
    expect(site).toHaveProperty(
      'jobs.site.steps.3.run',
      'npx exp site --out site --source "$SOURCE"',
    )
    expect(await exp(['validate', 'experiments/mine.yaml'])).toMatchObject({ code: 0, err: '' })
  })

  it('writes the workflow for several machines only if asked, and lists the hosts of an experiment', async () => {
    const chosen = ['--model', 'a', '--vary', 'num_ctx=512,1024']
    await exp(['init', 'one', ...chosen, '--ci'])
    const fleet = '.github/workflows/exp-fleet.yaml'
    await expect(read(fleet)).rejects.toThrow('ENOENT')
    await exp(['init', 'two', ...chosen, '--ci', 'fleet'])
    expect(await read(fleet)).toContain('--host "$HOST" --here')
    expect(await exp(['validate', 'experiments/two.yaml', '--hosts'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no config names a host') as unknown,
    })
  })
})

describe('exp init on a machine without Ollama', () => {
  it('writes the file for another machine', async () => {
    const args = ['--model', 'a', '--vary', 'OLLAMA_NUM_PARALLEL=1,4']
    const nowhere = { OLLAMA_HOST: '127.0.0.1:1' }
    expect((await exp(['init', 'slots', ...args], undefined, nowhere)).code).toBe(0)
    expect(await read('experiments/slots.yaml')).toContain('target: process')
  })
})

describe('exp init on a terminal', () => {
  it('asks three questions, lists the models of the running server, and writes a file that validates', async () => {
    const ask = answering('the server at', 'qwen3:1.7b', 'two models', 'qwen3:0.6b')
    expect((await exp(['init', 'models'], ask)).code).toBe(0)
    expect(ask.asked.slice(0, 3)).toEqual([
      'What do you want to measure?',
      'Which model?',
      'What do you want to compare?',
    ])
    const text = await read('experiments/models.yaml')
    expect(text).toContain('title: qwen3:1.7b vs qwen3:0.6b')
    expect(text).toContain(`url: ${server.url}`)
    expect(await exp(['validate', 'experiments/models.yaml'])).toMatchObject({ code: 0, err: '' })
  })

  it('asks for an objective if the numbers of users are compared', async () => {
    const ask = answering('the server at', 'qwen3:1.7b', 'numbers of users', 'at most 5 s')
    expect((await exp(['init', 'carried'], ask)).code).toBe(0)
    const text = await read('experiments/carried.yaml')
    expect(text).toContain('users: [1, 2, 4, 8]')
    expect(text).toContain('slo: {latencyP95: <= 5s}')
    expect(await exp(['validate', 'experiments/carried.yaml'])).toMatchObject({ code: 0, err: '' })
  })

  it('offers a search, a grid and a mix', async () => {
    const search = answering('the server at', 'qwen3:1.7b', 'found by a search', 'at most 2 s')
    expect((await exp(['init', 'search'], search)).code).toBe(0)
    expect(await read('experiments/search.yaml')).toContain('capacity: {of: users, upTo: 32}')
    await writeOllamaProgram(join(cwd, 'bin'))
    const env = { OLLAMA_MODELS: join(cwd, 'models') }
    const grid = answering('Ollama in Docker', 'tiny', 'slots, context and users')
    expect((await exp(['init', 'grid'], grid, env)).code).toBe(0)
    expect(await read('experiments/grid.yaml')).toContain('vary:')
    const mix = answering('Ollama in Docker', 'tiny', 'two models on one server', 'small')
    expect((await exp(['init', 'mix'], mix, env)).code).toBe(0)
    const text = await read('experiments/mix.yaml')
    expect(text).toContain('mix: [{model: tiny, weight: 1}, {')
    expect(text).toContain('env: {OLLAMA_MAX_LOADED_MODELS: 2}')
    for (const name of ['search', 'grid', 'mix'])
      expect(await exp(['validate', `experiments/${name}.yaml`])).toMatchObject({
        code: 0,
        err: '',
      })
  })

  it('offers settings of the server only where exp starts it', async () => {
    const refused = answering('the server at', 'qwen3:0.6b', 'OLLAMA_NUM_PARALLEL')
    await exp(['init', 'slots'], refused)
    await writeOllamaProgram(join(cwd, 'bin'))
    const ask = answering('Ollama in Docker', 'tiny', 'OLLAMA_NUM_PARALLEL')
    const env = { OLLAMA_MODELS: join(cwd, 'models') }
    expect((await exp(['init', 'slots'], ask, env)).code).toBe(0)
    expect(ask.asked).toContain('The name of the model:')
    expect(await read('experiments/slots.yaml')).toContain('env: {OLLAMA_NUM_PARALLEL: 4}')
  })

  it('does not ask if the experiment already exists, or if the options say what to compare', async () => {
    await exp(['init', 'a'])
    const ask = answering()
    expect((await exp(['init', 'a'], ask)).code).toBe(2)
    const args = ['--model', 'x', '--vary', 'num_ctx=512,1024', '--on', 'native']
    expect((await exp(['init', 'b', ...args], ask)).code).toBe(0)
    expect(ask.asked).toEqual([])
  })

  it('writes nothing if a question is cancelled', async () => {
    const cancelling: Questions = {
      choose: () => Promise.reject(new ExpError('interrupted', 'cancelled')),
      write: () => Promise.reject(new ExpError('interrupted', 'cancelled')),
    }
    expect((await exp(['init', 'a'], cancelling)).code).toBe(130)
    expect(await readdir(cwd)).toEqual([])
  })
})
