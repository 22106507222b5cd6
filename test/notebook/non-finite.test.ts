/** Whatever a stored result says, no figure that is not a finite number is stored, printed or exported. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { Project } from './project.ts'

type Fields = Record<string, unknown>

const times = ['sentMs', 'firstByteMs', 'firstContentMs', 'endMs'] as const
const durations = ['serverTotalMs', 'promptEvalMs', 'evalMs'] as const

const setAll =
  (names: readonly string[], value: number) =>
  (record: Fields): Fields => ({
    ...record,
    ...Object.fromEntries(names.map((name) => [name, value])),
  })

/** The least number above 0: what is divided by it is infinite. */
const tiny = Number.MIN_VALUE

const extremes: Readonly<
  Record<string, { readonly request?: (record: Fields) => Fields; readonly window?: Fields }>
> = {
  'no time passes': {
    request: setAll([...times, ...durations], 0),
    window: { openMs: 0, closeMs: 0 },
  },
  'the shortest time passes': {
    request: (record) => setAll([...durations, 'endMs'], tiny)(setAll(times, 0)(record)),
    window: { openMs: 0, closeMs: tiny },
  },
  'the longest time passes': {
    request: setAll([...durations, 'endMs'], 1e12),
    window: { openMs: 0, closeMs: 1e12 },
  },
  'the server needs no time': { request: setAll(durations, 0) },
  'no token is counted': { request: setAll(['promptTokens', 'outputTokens'], 0) },
  'one token is counted': { request: setAll(['promptTokens', 'outputTokens'], 1) },
  'the most tokens are counted': {
    request: setAll(['promptTokens', 'outputTokens'], Number.MAX_SAFE_INTEGER),
  },
  'every request fails': {
    request: ({ type, index, user, phase, sentMs, endMs, sample }) => ({
      ...{ type, index, user, phase, sentMs, endMs, sample },
      ...{ outcome: 'http-error', httpStatus: 500, error: 'no' },
    }),
  },
}

const commands = [
  'report slots',
  'check',
  'show slots',
  'show slots --json',
  'show slots --md',
  'list',
  'list --json',
  'export slots --format json',
  'export slots --format csv',
  'export slots --format csv --table trials',
  'export slots --format csv --table requests',
  'export slots --format html',
]

it.each(
  Object.entries(extremes).flatMap(([what, change]) =>
    [1, 4].map((files) => ({ what, change, files })),
  ),
)('no figure is infinite or NaN if $what, in $files of 4 trials', async ({ change, files }) => {
  const project = new Project()
  onTestFinished(() => project.remove('.'))
  await project.measure({
    run: '20250806T070000Z-aaaa',
    latency: { 'slots-1': 100, 'slots-4': 50 },
  })
  const folder = 'reports/slots/results'
  for (const name of project.files(folder).slice(0, files)) {
    const lines = project.text(`${folder}/${name}`).trimEnd().split('\n')
    const changed = lines.map((line) => {
      const record = JSON.parse(line) as Fields
      if (record['type'] === 'request') return change.request?.(record) ?? record
      return record['type'] === 'window' ? { ...record, ...change.window } : record
    })
    project.write(
      `${folder}/${name}`,
      changed.map((record) => `${JSON.stringify(record)}\n`).join(''),
    )
  }
  const texts: [string, string][] = []
  for (const command of commands) {
    const io = memoryIo(project.root)
    const code = await runCommandLine(command.split(' '), io)
    expect(code, `${command}: ${io.err()}`).toBe(0)
    texts.push([command, io.out() + io.err()])
  }
  for (const name of readdirSync(path.join(project.root, 'reports'), { recursive: true }).map(
    String,
  ))
    if (/\.(?:md|json|svg)$/.test(name)) texts.push([name, project.text(`reports/${name}`)])
  expect(texts.length).toBeGreaterThan(commands.length + 2)
  for (const [name, text] of texts) {
    const [found] = /.{0,40}(?<![A-Za-z])(?:NaN|Infinity|∞)(?![a-z]).{0,20}/.exec(text) ?? []
    expect(found, name).toBeUndefined()
  }
  // JSON has no other form for such a number.
  const lock = project.text('reports/slots/v1.0.lock.json')
  expect(lock).not.toMatch(
    /"(?:value|measured|low|high|\w*(?:latency|ttft|tpot|qps|throughput)\w*)": ?null/i,
  )
})
