/**
 * Inputs that a stranger could commit, each beyond a limit or made to be slow. A command answers each with a message
 * that says where and what to do, or handles it. With quadratic time, or without the limit, these tests would run for
 * minutes or end in an internal error.
 */
import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../src/cli/command-line.ts'
import { limits } from '../src/errors/limits.ts'
import { lockBytes, parseLock, type Lock } from '../src/notebook/lock.ts'
import { parseJson } from '../src/json/json.ts'
import { checkRecord, encodeRecord } from '../src/results/codec.ts'
import { Redactor } from '../src/results/redact.ts'
import { readChunks } from '../src/results/trial-file.ts'
import { Project, yaml } from './notebook/project.ts'
import { reportedProject } from './notebook/reported-project.ts'
import { memoryIo } from './support/memory-io.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove('.')
})

async function exp(project: Project, ...args: readonly string[]) {
  const io = memoryIo(project.root)
  return { code: await runCommandLine(args, io), output: io.out() + io.err() }
}

/** Expects that the check finds what the pattern says, and nothing internal. */
async function expectFinding(project: Project, pattern: RegExp): Promise<void> {
  const { code, output } = await exp(project, 'check')
  expect(output).toMatch(pattern)
  expect(code).toBe(1)
}

const readme = 'reports/slots/README.md'

/** The markers of the block, with another text between them. */
function writeRemarks(project: Project, text: string): void {
  project.edit(
    readme,
    /(<!-- exp:keep remarks -->\n)[^]*(<!-- exp:end remarks -->)/,
    `$1${text}\n$2`,
  )
}

describe('the Markdown of `analysis`', () => {
  it.each([
    ['quotes in each other', '>'.repeat(5000), /nests more than 50 levels/],
    ['footnotes in each other', '[^a]: '.repeat(10_000), /nests more than 50 levels/],
    ['comments that do not end', '<!--a '.repeat(20_000), /too many backticks and comments/],
    ['code that does not end', '`a ``b '.repeat(20_000), /too many backticks and comments/],
    ['too many lines', 'a\n=\n'.repeat(20_000), /4000\d lines; the maximum is 2000/],
    [
      'a table whose rows leave out most cells',
      `|${'a|'.repeat(1000)}\n|${'-|'.repeat(1000)}\n${'|a|\n'.repeat(200)}`,
      /more than 100000 cells in tables/,
    ],
    [
      'more text than GitHub shows',
      'word '.repeat(50_000),
      /2[45]\d{4} bytes; the maximum is 200000/,
    ],
  ])('with %s is refused, in `analysis` and in a keep block', async (_, text, pattern) => {
    const project = await reportedProject()
    writeRemarks(project, text)
    await expectFinding(project, new RegExp(`${readme}:\\d+: .*${pattern.source}`))
    const own = new Project(`${yaml}analysis: ${JSON.stringify(text)}\n`)
    projects.push(own)
    const { output } = await exp(own, 'report', 'slots')
    expect(output).toMatch(pattern)
  })

  it.each([
    ['links that are not closed', '[a]('.repeat(49_990)],
    ['emphasis that is not closed', '*a **b '.repeat(20_000)],
    ['many tags', '<b>x</b>'.repeat(20_000)],
    ['an address without an end', `${'a.'.repeat(80_000)} @`],
  ])('with %s is kept as it is', async (_, text) => {
    const project = await reportedProject(`${yaml}analysis: ${JSON.stringify(text)}\n`)
    writeRemarks(project, text)
    expect(await exp(project, 'check')).toMatchObject({ code: 0 })
    expect(project.text(readme)).toContain(text)
  })
})

describe('an experiment', () => {
  const validated = async (text: string) => {
    const project = new Project(text)
    projects.push(project)
    const { code, output } = await exp(project, 'validate', 'experiments/slots.yaml')
    expect(code).toBe(2)
    return output
  }

  it('names the first of 20,000 bad keys of a sample', async () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: []`).join(', ')
    const output = await validated(yaml.replace('text: 好看', keys))
    expect(output).toMatch(/slots\.yaml:9:\d+: error wrong-type/)
    expect(output).toMatch(/and 15\d more/)
  })

  it('has at most 200 configs, which may inherit from each other in a row', async () => {
    const chain = (length: number) =>
      Array.from(
        { length },
        (_, at) =>
          `  c${at}: {from: ${at === 0 ? 'slots-4' : `c${at - 1}`}, env: {OLLAMA_NUM_PARALLEL: ${at + 5}}}\n`,
      ).join('')
    const text = (length: number) => yaml.replace('baseline:', `${chain(length)}baseline:`)
    expect(await validated(text(2000))).toContain('2002 configs; the maximum is 200')
    const short = Array.from({ length: 10_000 }, (_, at) => `  c${at + 1}: {from: c${at}}\n`)
    expect(
      await validated(yaml.replace(/ {2}slots-1:[^]*/, `  c0: {}\n${short.join('')}`)),
    ).toContain('10001 configs; the maximum is 200')
    const project = new Project(text(198))
    projects.push(project)
    expect(await exp(project, 'validate', 'experiments/slots.yaml')).toMatchObject({ code: 0 })
  })

  it.each([
    ['}{', /the file is not YAML: it has more than 1000 mistakes/],
    ['}{{> ', /the file is not YAML: it has more than 1000 mistakes/],
    ['---\n', /the file has \d+ lines; the maximum is 250000/],
    ['- }\n', /the file has \d+ lines; the maximum is 250000/],
    ['%\n', /the file has \d+ lines; the maximum is 250000/],
    [
      '!x ',
      /the file is not YAML: it has more than 1000 mistakes|more than 600000 keys, values and marks/,
    ],
  ])('has a dataset that is no YAML at all: %j, 4 MB of it', async (piece, message) => {
    const project = new Project(
      yaml.replace(/dataset:\n(?: {2}.*\n)+/, 'dataset: datasets/a.yaml\n'),
    )
    projects.push(project)
    const text = `name: a\nsamples: ${piece.repeat(4_190_000 / piece.length)}`
    project.write('experiments/datasets/a.yaml', text)
    const { code, output } = await exp(project, 'validate', 'experiments/slots.yaml')
    expect(code).toBe(2)
    expect(output).toMatch(message)
  })

  /** A project whose dataset is this file. */
  const withDataset = (name: string, text: string) => {
    const project = new Project(
      yaml.replace(/dataset:\n(?: {2}.*\n)+/, `dataset: datasets/${name}\n`),
    )
    projects.push(project)
    project.write(`experiments/datasets/${name}`, text)
    return project
  }

  it.each([
    ['a.txt', 'a\n'.repeat(2_000_000), 'the file has 2000000 lines; the maximum is 250000'],
    ['a.txt', 'a\n'.repeat(60_000), 'the file has more than 50000 samples'],
    ['a.jsonl', '{"text": "a"}\n'.repeat(60_000), 'the file has more than 50000 samples'],
    ['a.csv', `text\n${'a\n'.repeat(60_000)}`, 'the file has more than 50000 samples'],
    [
      'a.csv',
      `"x\ny"${',a'.repeat(500_000)}\n`,
      'the file has 500001 columns; the maximum is 1000',
    ],
    ['a.yaml', `name: a\nsamples: [${'{},'.repeat(1_390_000)}]\n`, 'more than 600000 keys, values'],
    ['a.yaml', `name: a\nsamples:\n${'- text: a\n'.repeat(60_000)}`, 'at most 50000 entries'],
  ])('has a dataset of a limited number of samples: %s', async (name, text, message) => {
    const project = withDataset(name, text)
    const { code, output } = await exp(project, 'validate', 'experiments/slots.yaml')
    expect(code).toBe(2)
    expect(output).toContain(message)
  })

  it('reads datasets of 4 MB together, in however many ways it names them', async () => {
    const named = (at: number) =>
      `  c${at}: {target: embedded, dataset: "${'./'.repeat(at)}d.jsonl"}\n`
    const configs = Array.from({ length: 100 }, (_, at) => named(at)).join('')
    const project = new Project(yaml.replace(/configs:[^]*/, `configs:\n${configs}`))
    projects.push(project)
    project.write('experiments/d.jsonl', `{"text": "${'a'.repeat(90)}"}\n`.repeat(20_000))
    const { code, output } = await exp(project, 'validate', 'experiments/slots.yaml')
    expect(code).toBe(2)
    expect(output).toContain(
      'the datasets of this experiment together have 6180000 characters; the maximum is 4194304',
    )
  })

  it('reads logs of 4 MB together, in however many ways it names them', async () => {
    const config = (at: number) =>
      `  r${at}:\n    recorded: {source: x, date: 2025-08-06, metrics: {qps: 6.5/s}, log: ${'./'.repeat(at)}a.log}\n`
    const configs = Array.from({ length: 100 }, (_, at) => config(at)).join('')
    const project = new Project(yaml.replace('baseline:', `${configs}baseline:`))
    projects.push(project)
    const line = `time=x msg="inference compute" library=CPU ${'a'.repeat(900)}\n`
    project.write('experiments/a.log', line.repeat(1000))
    const { code, output } = await exp(project, 'validate', 'experiments/slots.yaml')
    expect(code).toBe(2)
    expect(
      output.match(/the logs of this experiment together have 4\d{6} characters; the maximum/g),
    ).toHaveLength(1)
  })

  it('reads pictures of 64 MB together, in however many ways it names them', async () => {
    const samples = Array.from(
      { length: 500 },
      (_, at) => `- {text: a, images: ["${'./'.repeat(at)}a.png"]}\n`,
    )
    const project = withDataset('a.yaml', `name: a\nsamples:\n${samples.join('')}`)
    const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(3_900_000)])
    project.write('experiments/datasets/a.png', png)
    const { code, output } = await exp(project, 'validate', 'experiments/slots.yaml')
    expect(code).toBe(2)
    expect(output.match(/the pictures have \d+ bytes; the maximum is 64000000/g)).toHaveLength(1)
  })

  it.each([
    ['a command with spaces', 'msg="starting runner" cmd="/usr/bin/ollama runner', ' ', '"'],
    ['the start of a line again and again', '', 'loaded meta data from ', ''],
  ])('has a log with %s', async (_, start, piece, end) => {
    const line = start + piece.repeat((7900 - start.length) / piece.length) + end
    const recorded = '{source: x, date: 2025-08-06, metrics: {qps: 6.5/s}, log: a.log}'
    const project = new Project(
      yaml.replace('baseline:', `  old: {recorded: ${recorded}}\nbaseline:`),
    )
    projects.push(project)
    project.write('experiments/a.log', `${line}\n`.repeat(130))
    const { output } = await exp(project, 'validate', 'experiments/slots.yaml')
    expect(output).toMatch(/valid|no line of an Ollama server that shows a fact/)
  })

  it('has no alias in the value that it names, and aliases that nest no deeper than other values', async () => {
    const nested = Array.from(
      { length: 3 },
      (_, at) =>
        `  k${at}: &k${at} ${'['.repeat(20)}${at === 0 ? 'x' : `*k${at - 1}`}${']'.repeat(20)}\n`,
    ).join('')
    for (const text of [
      `${yaml}hardware: &machine {same: *machine}\n`,
      `${yaml}hardware:\n${nested}`,
      yaml.replace('samples:', 'samples: &all\n    - {text: *all}\n  others:'),
    ])
      expect(await validated(text)).toMatch(/:\d+:\d+: error alias an alias is part of the value/)
  })

  it('has at most 1,000 aliases', async () => {
    const pairs = Array.from({ length: 8000 }, (_, at) => `&a${at} x, *a${at}`).join(', ')
    expect(await validated(`${yaml}tags: [${pairs}]\n`)).toContain(
      'the file has 8000 aliases; the maximum is 1000',
    )
  })

  it('has no mapping as a key, whose text doubles with each level', async () => {
    const nested = `${'{? '.repeat(40)}a${'}'.repeat(40)}`
    expect(await validated(yaml.replace('text: 好看', `? ${nested}`))).toContain('error yaml')
    expect(await validated(`${yaml}\nx: ${nested}\n`)).toMatch(/slots\.yaml:\d+:\d+: error yaml/)
    const project = await reportedProject()
    project.write('templates/en/words.yaml', `${nested}: a\n`)
    await expectFinding(project, /words\.yaml:1: /)
    project.write('exp.local.yaml', `name: a\n? ${nested}\n: b\n`)
    const run = await exp(project, 'run', 'experiments/slots.yaml', '--yes')
    expect(run.code).toBe(2)
  })

  const listed = (count: number) =>
    `[${Array.from({ length: count }, (_, at) => at + 1).join(', ')}]`

  it.each([
    ['of a load', 'users: 3', `users: ${listed(30_000)}`, '`users` has 30000 entries; the maximum'],
    [
      'of a load, times its configs',
      'users: 3',
      `users: ${listed(200)}`,
      '400 configs; the maximum is 200',
    ],
  ])('has at most 200 levels %s', async (_, from, to, message) => {
    expect(await validated(yaml.replace(from, to))).toContain(message)
  })

  describe('with a grid', () => {
    const grid = (vary: string) =>
      yaml.replace(/configs:[^]*/, `configs: {b: {target: embedded}}\nvary: ${vary}\n`)
    const settings = (count: number) =>
      Array.from({ length: count }, (_, at) => `A${at}: 1`).join(', ')

    it.each([
      [
        'has at most 200 levels of a factor',
        `{env: {B: ${listed(30_000)}}}`,
        /at most 200 entries/,
      ],
      [
        'multiplies no large product',
        `{env: {${settings(200).replaceAll('1,', '[1, 2],')}}}`,
        /cells/,
      ],
      [
        'gives 10,000 cells with the same beginning a key each',
        `{env: {${['B', 'C'].map((name) => `${name}: ${listed(100).replaceAll(/\d+/g, `"${'x'.repeat(60)}$&"`)}`).join(', ')}}}`,
        /the grid has 10000 cells/,
      ],
      [
        'leaves out combinations of 200 factors each',
        `{env: {${settings(198)}, B: ${listed(100)}, C: ${listed(100)}}, exclude: [${`{${settings(198)}, B: 1, C: 1}, `.repeat(60)}]}`,
        /the grid has 9999 cells/,
      ],
    ])('%s', async (_, vary, message) => {
      expect(await validated(grid(vary))).toMatch(message)
    })
  })

  it('has titles of at most 2,000 characters', async () => {
    for (const title of [`${'a'.repeat(80_000)} @`, 'a.'.repeat(40_000)])
      expect(await validated(yaml.replace('两个设置', title))).toMatch(
        /slots\.yaml:1:8: error wrong-value `title` must be at most 2000 characters long/,
      )
  })

  it('has at most 200 variables and hypotheses', async () => {
    const env = Array.from({ length: 5000 }, (_, at) => `A${at}: 1`).join(', ')
    expect(await validated(yaml.replace('OLLAMA_NUM_PARALLEL: 1', env))).toContain(
      '`env` must be at most 200 entries long',
    )
    const claim = '  - {statement: a, claim: {metric: qps, config: slots-1, value: "> 1/s"}}\n'
    expect(await validated(yaml + claim.repeat(1000))).toContain('must be at most 200 entries long')
  })

  it('has a prompt of at most 200 tags', async () => {
    const prompt = `${'{{#if text}}'.repeat(9000)}x${'{{/if}}'.repeat(9000)}`
    expect(await validated(yaml.replace('"{{text}}"', JSON.stringify(prompt)))).toContain(
      '18000 tags; the maximum is 200',
    )
  })
})

describe('templates', () => {
  const withTemplate = async (name: string, text: string): Promise<Project> => {
    const project = await reportedProject()
    project.write(`templates/en/${name}`, text)
    return project
  }

  it('that include the next ones again and again are refused', async () => {
    const project = await reportedProject()
    const names = ['report', 'conclusion', 'environment', 'group', 'comparison', 'causes', 'advice']
    for (const [at, name] of names.entries()) {
      const next = names[at + 1]
      project.write(
        `templates/en/${name}.hbs`,
        next === undefined ? 'x' : `{{> ${next}}}`.repeat(20),
      )
    }
    await expectFinding(
      project,
      /templates\/en\/\w+\.hbs:1: the templates have 20001 parts; the maximum is 20000/,
    )
  })

  it.each([9000, 2000])('that nest blocks %s deep are refused', async (depth) => {
    const text = `${'{{#if title}}'.repeat(depth)}x${'{{/if}}'.repeat(depth)}`
    await expectFinding(
      await withTemplate('report.hbs', text),
      /templates\/en\/report\.hbs:1: the template has more than 1000 tags/,
    )
  })

  it('may nest blocks as deep as the limit allows', async () => {
    const depth = limits.templateTags.max / 2
    const text = `${'{{#if title}}'.repeat(depth)}x${'{{/if}}'.repeat(depth)}`
    await expectFinding(await withTemplate('report.hbs', text), /does not match the results/)
  })

  it.each([
    ['many marks in one word', ']0;', 'metrics.yaml', /too many marks/],
    ['many marks in one paragraph', ']0;', 'report.hbs', /too many marks/],
    [
      'many underlined headings',
      'a\n=                  \n',
      'report.hbs',
      /more than 200 headings underlined/,
    ],
    ['many lines', '- a\n', 'report.hbs', /has 3\d{4} lines; the maximum is 20000/],
  ])('with %s are refused', async (_, piece, name, message) => {
    const text =
      name === 'report.hbs'
        ? piece.repeat(120_000 / piece.length)
        : readFileSync('templates/en/metrics.yaml', 'utf8').replace(
            /(definition\.qps: ).*/,
            `$1"${piece.repeat(20_000)}"`,
          )
    await expectFinding(await withTemplate(name, text), message)
  })

  it('with thousands of equal headings are numbered', async () => {
    await expectFinding(
      await withTemplate('report.hbs', '# a\n\n'.repeat(8000)),
      /does not match the results/,
    )
  })

  it('that repeat a list in itself are refused', async () => {
    const text = `${'{{#each ../definitions.metrics}}'.repeat(12)}x${'{{/each}}'.repeat(12)}`
    const first = text.replace('../', '')
    await expectFinding(
      await withTemplate('report.hbs', first),
      /entries; the maximum is 100000|unknown value|leads outside/,
    )
  })

  it('have at most 200,000 bytes', async () => {
    await expectFinding(
      await withTemplate('report.hbs', 'x'.repeat(100_000_000)),
      /report\.hbs` cannot be read: it has 100000000 bytes; the maximum is 200000/,
    )
  })

  it('of words are not nested', async () => {
    await expectFinding(
      await withTemplate('words.yaml', '['.repeat(100_000)),
      /words\.yaml:1: the file is nested too deeply/,
    )
  })
})

describe('results', () => {
  const firstResult = (project: Project): string =>
    `reports/slots/results/${project.files('reports/slots/results')[0] ?? ''}`

  /** A gzip file of many equal members, each with the same 16 MB. */
  const bomb = (megabytes: number): Buffer => {
    // Two hundredths of it cannot be compressed.
    const member = gzipSync(randomBytes(240_000).toString('base64') + 'x'.repeat(15_680_000), {
      level: 1,
    })
    return Buffer.concat(Array.from({ length: Math.ceil(megabytes / 16) }, () => member))
  }

  it('that unpack to 3 GB without a line feed are refused', async () => {
    const project = await reportedProject()
    project.write('reports/slots/results/a.jsonl.gz', bomb(3000))
    await expectFinding(project, /a\.jsonl\.gz:1`: the line has more than 2000000 bytes/)
  })

  it('that unpack to more than a result may have are refused', async () => {
    const project = await reportedProject()
    project.write('reports/slots/results/a.jsonl.gz', bomb(600))
    const file = path.join(project.root, 'reports/slots/results/a.jsonl.gz')
    const read = async () => {
      for await (const chunk of readChunks({ root: project.root, path: file }))
        expect(chunk.length).toBeGreaterThan(0)
    }
    await expect(read()).rejects.toThrow('unpacks to more than 512000000 bytes')
  })

  it('that unpack to more than 100 times their size are refused', async () => {
    const project = await reportedProject()
    const name = firstResult(project)
    const [header = '', ...rest] = project.text(name).split('\n')
    const line = `${rest.find((each) => each.includes('"request"')) ?? ''}\n`
    const bytes = gzipSync(`${header}\n${line.repeat(50_000)}`)
    expect((line.length * 50_000) / bytes.length).toBeGreaterThan(100)
    project.write(`${name.replace('-r1', '-r9')}.gz`, bytes)
    await expectFinding(project, /-r9\.jsonl\.gz`: it unpacks to more than 100 times its size/)
  })

  it('with a header that would fill the memory are refused', async () => {
    const project = await reportedProject()
    const [header = ''] = project.text(firstResult(project)).split('\n')
    const text = randomBytes(800_000).toString('hex')
    const long = header.replace('"workload":{', `"workload":{"system":"${text + text}",`)
    expect(long).not.toBe(header)
    project.write('reports/slots/results/a.jsonl', `${long}\n`)
    await expectFinding(project, /a\.jsonl:1`: the line has more than 2000000 bytes/)
  })

  it('whose end could begin in thousands of places are read', async () => {
    const project = await reportedProject()
    const name = firstResult(project)
    const bytes = gzipSync(project.bytes(name))
    project.remove(name)
    const places = Buffer.from('1f8b08'.repeat(20_000), 'hex')
    project.write(`${name}.gz`, Buffer.concat([bytes, places]))
    await expectFinding(project, /cannot be decompressed/)
  })

  it('with a value that nests 100,000 levels are refused', async () => {
    const project = await reportedProject()
    const name = firstResult(project)
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const [header = '', ...rest] = project.text(name).split('\n')
    project.write(name, [header, `{"type":"evidence","facts":${deep}}`, ...rest].join('\n'))
    await expectFinding(project, /:2`: the line nests too many levels/)
  })

  it.each([
    ['the sample of a request', '"sample":"c01"', 'sample', 8001],
    ['an error', '"outcome":"ok"', 'error', 8001],
    ['the reason why the model stopped', '"doneReason":"stop"', 'doneReason', 8001],
    ['a remote host', '"outcome":"ok"', 'remoteHost', 8001],
    ['the digest of a prompt', '"outcome":"ok"', 'promptDigest', 8001],
    ['a prompt', '"outcome":"ok"', 'prompt', 4_194_305],
    ['an answer', '"outcome":"ok"', 'answer', 4_194_305],
    ['the place of a fact', '"source":"/api/version"', 'source', 8001],
    ['the name of a dataset', '"dataset":{"name":"comments"', '"dataset":{"name', 8001],
    ['a time', '"startedAt":"2025-08-06T15:01:00+08:00"', 'startedAt', 8001],
  ])('with a text that is too long in %s are refused', async (_, from, name, length) => {
    const project = await reportedProject()
    const isNew = !from.startsWith(`"${name}"`) && !name.startsWith('"')
    const long = `${name.startsWith('"') ? name : `"${name}`}":"${'x'.repeat(length)}"`
    project.edit(firstResult(project), from, isNew ? `${from},${long}` : long)
    const field = name.replace('"dataset":{"', 'dataset.')
    await expectFinding(
      project,
      new RegExp(`:\\d+\`: \`\\w+\\.${field}\`: Too big: expected string to have <=${length - 1}`),
    )
  })

  it('with variables or scores without end are refused', async () => {
    const many = (count: number, value: string) =>
      Array.from({ length: count }, (_, at) => `"a${at}":${value}`).join(',')
    for (const [from, to, problem] of [
      ['"env":{', `"env":{${many(1000, '"x"')},`, /`trial\.settings\.env`: has more than 1000/],
      ['"outcome":"ok"', `"outcome":"ok","scores":{${many(1001, '1')}}`, /`request\.scores`: has/],
      ['"outcome":"ok"', `"outcome":"ok","scores":{${many(51, '1')}}`, /scores of more than 50/],
    ] as const) {
      const project = await reportedProject()
      project.edit(firstResult(project), from, to)
      await expectFinding(project, problem)
    }
  })

  it('are written with texts that are cut, with a mark', () => {
    const text = 'é'.repeat(2_000_000)
    const written = new Redactor([]).record({
      ...{ type: 'request', index: 0, user: 0, phase: 'measured', outcome: 'ok' },
      ...{ sentMs: 0, endMs: 1, sample: text, error: text, doneReason: text, remoteHost: text },
      ...{ prompt: `${'x'.repeat(999_998)}😀${text}`, answer: text },
    })
    const lengths = Object.entries(written).flatMap(([name, value]) =>
      typeof value === 'string' && value.endsWith('…') ? [[name, value.length]] : [],
    )
    expect(Object.fromEntries(lengths)).toEqual({
      ...{ sample: 4000, error: 500, doneReason: 500, remoteHost: 500 },
      ...{ prompt: 999_999, answer: 1_000_000 }, // no half of a character is left at the end
    })
    expect(checkRecord(parseJson(encodeRecord(written)))).toEqual({ record: written })
    expect(Buffer.byteLength(encodeRecord(written))).toBeLessThan(limits.resultLine.max)
  })

  it('name dropped runs with a reason of a limited length', async () => {
    const project = await reportedProject()
    const why = 'x'.repeat(2001)
    const { code, output } = await exp(project, 'drop', 'slots', 'RUN', '--why', why)
    expect({ code, output }).toMatchObject({ code: 2 })
    expect(output).toContain('the reason has 2001 characters; the maximum is 2000')
    const line = { run: 'a', why: 'x'.repeat(8001), droppedAt: '' }
    project.write('reports/slots/dropped.jsonl', `${JSON.stringify(line)}\n`)
    await expectFinding(project, /dropped\.jsonl:1`: the line is not a dropped run/)
  })

  it('with a server version of 20,000 characters are cleaned', () => {
    for (const piece of ['a', 'a.', 'a-', 'key', 'a=', 'a://', '\u001b]', 'authorization ', '/a'])
      expect(
        new Redactor(['someone']).text(piece.repeat(200_000 / piece.length)).length,
      ).toBeLessThan(5000)
  })
})

describe('locks', () => {
  const lockFile = 'reports/slots/v1.0.lock.json'

  /** Adds versions v1.1, v1.2, …, each after the one before. */
  function addVersions(project: Project, count: number): void {
    const lock = parseLock(project.bytes(lockFile), lockFile)
    for (let at = 1; at <= count; at += 1)
      project.write(
        `reports/slots/v1.${at}.lock.json`,
        lockBytes({ ...lock, version: `v1.${at}`, previous: `v1.${at - 1}` }),
      )
  }

  it('that follow each other are read up to the limit', async () => {
    const project = await reportedProject()
    addVersions(project, 3000)
    await expectFinding(project, /reports\/slots has 3001 locks; the maximum is 1000/)
  })

  it.each([
    ['title', (long: string) => ({ title: long })],
    ['question', (long: string) => ({ question: long })],
    ['experiment', (long: string) => ({ experiment: long })],
    ['answer.0', (long: string) => ({ answer: [long] })],
    ['dropped.RUN', (long: string) => ({ dropped: { RUN: long } })],
    ['headline.0.label', (long: string) => ({ headline: [{ label: long, metric: 'qps' }] })],
  ] satisfies [string, (long: string) => Partial<Lock>][])(
    'with a `%s` of more than 64,000 characters are refused',
    async (place, change) => {
      const project = await reportedProject()
      const lock = parseLock(project.bytes(lockFile), lockFile)
      project.write(lockFile, lockBytes({ ...lock, ...change('x'.repeat(64_001)) }))
      const where = place.replaceAll('.', '\\.')
      await expectFinding(
        project,
        new RegExp(`not a valid lock: \`${where}\`: Too big: expected string to have <=64000`),
      )
    },
  )

  it('that nest 10,000 levels are refused', async () => {
    const project = await reportedProject()
    project.write(lockFile, `{"configs":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)
    await expectFinding(project, /v1\.0\.lock\.json nests too many levels/)
  })
})

describe('a report', () => {
  it('has files of 256 MB together', async () => {
    const project = await reportedProject()
    for (let index = 0; index < 33; index += 1) {
      const file = `reports/slots/charts/v1.0/${index}.svg`
      project.write(file, '')
      truncateSync(path.join(project.root, file), 7_900_000)
    }
    await expectFinding(project, /more than 256000000 bytes of reports, locks and charts/)
  })

  it('that differs in 100,000 lines is not compared line by line', async () => {
    const project = await reportedProject()
    project.edit(
      readme,
      '## Conclusion',
      `## Conclusion\n\n${Array.from({ length: 100_000 }, (_, at) => `line ${at}`).join('\n')}`,
    )
    await expectFinding(project, /They differ in more than 2000 lines/)
    const { code } = await exp(project, 'report', 'slots', '--discard-edits')
    expect(code).toBe(0)
  })
})

/** Puts a link that leads out of the project in place of a file or a folder. */
function link(project: Project, file: string): void {
  const place = path.join(project.root, file)
  rmSync(place, { recursive: true, force: true })
  symlinkSync('/etc', place)
}

function linkOrphanedLock(project: Project): void {
  link(project, 'reports/a/v1.0.lock.json')
  project.remove('experiments/a.yaml')
}

describe('many experiments', () => {
  it.each([
    ['a lock', 2, (project: Project) => link(project, 'reports/a/v1.0.lock.json')],
    ['a report folder', 2, (project: Project) => link(project, 'reports/a')],
    ['the folder of results', 0, (project: Project) => link(project, 'reports/a/results')],
    ['a report', 0, (project: Project) => link(project, 'reports/a/README.md')],
    ['an experiment', 0, (project: Project) => link(project, 'experiments/a.yaml')],
    ['the lock of a report without experiment', 2, linkOrphanedLock],
  ])('are checked and listed although a link stands in place of %s', async (_, code, damage) => {
    const project = await reportedProject()
    project.write('experiments/a.yaml', yaml.replace('两个设置', 'another'))
    await project.publish('a')
    project.edit(readme, '## Conclusion', '## Conclusions')
    damage(project)
    const checked = await exp(project, 'check')
    expect(checked.output).toMatch(/\ba\b.* is a link that leads out of the project/)
    expect(checked.output).toContain('text of reports/slots/README.md was changed')
    expect(checked.code).toBe(1)
    const listed = await exp(project, 'list')
    expect(listed.output).toContain('两个设置')
    expect(listed.code).toBe(code)
    expect(listed.output.includes('error: `')).toBe(code !== 0)
  })

  it('are checked and reported although one of them is invalid', async () => {
    const project = await reportedProject()
    cpSync(path.join(project.root, 'reports/slots'), path.join(project.root, 'reports/a'), {
      recursive: true,
    })
    project.write('experiments/a.yaml', 'title: [')
    mkdirSync(path.join(project.root, 'reports/z'))
    project.write('experiments/z.yaml', yaml.replace('两个设置', 'the last'))
    const checked = await exp(project, 'check', 'a', 'slots', 'z')
    expect(checked.code).toBe(1)
    expect(checked.output).toContain('experiments/a.yaml:1:')
    expect(checked.output).toContain('reports/z/README.md does not exist')
    expect(checked.output).not.toContain('reports/slots/README.md')
    const reportedAll = await exp(project, 'report', '--all')
    expect(reportedAll.code).toBe(2)
    expect(reportedAll.output).toContain('experiments/a.yaml:1:')
    expect(project.text('reports/z/README.md')).toContain('# the last')
    expect(project.text('reports/README.md')).toContain('the last')
  })

  it('are reported with the index written once, at the end', async () => {
    const project = new Project(yaml, 'e0')
    projects.push(project)
    for (let at = 0; at < 20; at += 1) {
      project.write(`experiments/e${at}.yaml`, yaml.replace('两个设置', `title ${at}`))
      mkdirSync(path.join(project.root, `reports/e${at}`), { recursive: true })
    }
    const { code, output } = await exp(project, 'report', '--all')
    expect(code).toBe(0)
    expect(output.match(/reports\/README\.md/g)).toHaveLength(1)
    expect(project.text('reports/README.md').match(/\| \[title \d+\]/g)).toHaveLength(20)
  })
})
