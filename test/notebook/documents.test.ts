/** Recorded configs in a project: the files that they name, their locks, and the runs that widen their intervals. */
import { symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseLock } from '../../src/notebook/lock.ts'
import { parseExperimentFile } from '../../src/notebook/project.ts'
import { Project, yaml } from './project.ts'

const log = 'msg="Listening on 127.0.0.1:11434 (version 0.9.6)"\n'

function withDocument(recorded: string): string {
  const old = `  old:\n    recorded: {source: old.md, date: 2025-06-02, ${recorded}}\n`
  return yaml
    .replace('rounds: 2', 'rounds: 3')
    .replace('configs:\n', `configs:\n${old}`)
    .replace('    label: One slot\n', '    label: One slot\n    from: old\n')
}

const figures = 'metrics: {latencyMean: [410ms, 400ms, 405ms]}'

describe('a log excerpt', () => {
  function problemsOf(logPath: string, prepare: (project: Project) => void = () => undefined) {
    const project = new Project(withDocument(`${figures}, log: ${logPath}`))
    project.write('experiments/logs/old.log', log)
    prepare(project)
    return errorsIn(project.root, 'experiments/slots.yaml')
  }

  function errorsIn(root: string, file: string): readonly string[] {
    const { problems } = parseExperimentFile(root, file)
    return problems.flatMap(({ severity, message }) => (severity === 'error' ? [message] : []))
  }

  it.each(['logs/old.log', './logs/old.log', '../experiments/logs/old.log'])(
    'is read from %s, relative to the experiment file',
    (file) => expect(problemsOf(file)).toEqual([]),
  )

  it('is read from a project that exp does not run in', () => {
    const project = new Project(withDocument(`${figures}, log: logs/old.log`))
    project.write('experiments/logs/old.log', log)
    const file = path.join(project.root, 'experiments/slots.yaml')
    expect(errorsIn(os.tmpdir(), file)).toEqual([])
  })

  it('must lie in the project', () => {
    const outside = new Project(yaml)
    outside.write('old.log', log)
    const link = path.join(outside.root, 'old.log')
    expect(problemsOf(`../../${path.basename(outside.root)}/old.log`)).toEqual([
      expect.stringMatching(/cannot be read: it lies outside the project$/),
    ])
    expect(
      problemsOf('logs/link.log', ({ root }) => {
        symlinkSync(link, path.join(root, 'experiments/logs/link.log'))
      }),
    ).toEqual([
      '`logs/link.log` cannot be read: `experiments/logs/link.log` is a link that leads out of the project',
    ])
  })
})

const runOf = (day: number, latency: Readonly<Record<string, number>>) => ({
  run: `2025080${day}T070000Z-aaaa`,
  day: `2025-08-0${day}`,
  rounds: 3,
  latency,
})

const lockOf = (project: Project) => {
  const file = 'reports/slots/v1.0.lock.json'
  return parseLock(project.bytes(file), file)
}

it('the facts of a document and the digest of its log are settings in the lock', async () => {
  const project = new Project(withDocument(`${figures}, facts: {context: 4096}, log: old.log`))
  project.write('experiments/old.log', log)
  await project.publish()
  const { settings, measurementDigest } = lockOf(project).configs['old']!
  expect(settings).toMatchObject({ 'facts.context': 4096 })
  expect(settings['log']).toMatch(/^sha256:/)
  project.write('experiments/old.log', `${log}load_tensors: offloaded 0/29 layers to GPU\n`)
  expect(await project.check()).not.toEqual([])
  expect(project.experiment().configs[0]?.measurementDigest).not.toBe(measurementDigest)
})

it('earlier runs of the measured config widen the interval against several runs of a document', async () => {
  const project = new Project(withDocument(figures))
  for (const [index, ms] of [404, 396, 400, 402].entries())
    await project.measure(runOf(index + 1, { 'slots-1': ms, 'slots-4': 300 }))
  await project.publish()
  const report = project.text('reports/slots/README.md')
  // as in between-runs.test.ts: t(0.975; 3) · √2 · s of the logs of 404, 396, 400 and 402
  expect(report).toContain(
    '**One slot vs old**: from a document, so its runs and the other side are unpaired, and all intervals are widened by the run-to-run variation: up to 3.9%, estimated from 4 stored runs of one config.',
  )
  expect(Object.keys(lockOf(project).earlierRuns ?? {}).length).toBeGreaterThan(0)
  expect(await project.check()).toEqual([])
})

it('earlier runs are not read for a single figure', async () => {
  const project = new Project(withDocument('metrics: {latencyMean: 405ms}'))
  await project.measure(runOf(1, { 'slots-1': 404, 'slots-4': 300 }))
  await project.measure(runOf(2, { 'slots-1': 396, 'slots-4': 300 }))
  await project.publish()
  expect(lockOf(project)).not.toHaveProperty('earlierRuns')
})
