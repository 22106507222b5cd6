/** `exp show` says why a hypothesis has no verdict, although locks do not store it. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { Project, yaml } from '../notebook/project.ts'
import { memoryIo } from '../support/memory-io.ts'

const claims = `  - id: H2
    statement: Four slots have the throughput
    claim: {metric: qps, config: slots-4, change: ">= 10%"}
  - id: H3
    statement: One slot answers within a second
    claim: {metric: latencyMean, config: slots-1, value: "<= 1s"}
`

async function reported(standIn = false): Promise<Project> {
  const project = new Project(yaml + claims)
  onTestFinished(() => project.remove('.'))
  const run = '20250806T070000Z-aaaa'
  await project.measure({ run, latency: { 'slots-1': 100 }, standIn })
  const outcome = standIn ? 'ended' : 'failed'
  await project.measure({ run, latency: { 'slots-4': 50 }, standIn, outcome })
  await project.publish()
  return project
}

async function show(root: string, ...options: readonly string[]): Promise<readonly string[]> {
  const io = memoryIo(root)
  expect(await runCommandLine(['show', 'slots', ...options], io), io.err()).toBe(0)
  return io.out().split('\n')
}

describe('exp show', () => {
  it('gives the reason of the hypotheses without a verdict, each reason once', async () => {
    const { root } = await reported()
    const lines = await show(root)
    expect(lines).toContain('H3 🔎 leans for')
    expect(lines).toContain('H1; H2 ⛔: Four slots has no results')
    expect(await show(root, '--md')).toContain('- H1; H2 ⛔: Four slots has no results')
  })

  it('gives the reason of a demo', async () => {
    const { root } = await reported(true)
    expect(await show(root)).toContain('H1; H2; H3 ⛔: the results are a demo')
  })

  it('refers to the report if the file claims something else now, or cannot be read', async () => {
    const project = await reported()
    project.edit('experiments/slots.yaml', '<= -10%', '<= -20%')
    const lines = await show(project.root)
    expect(lines).toContain('H1 ⛔: the report gives the reason')
    expect(lines).toContain('H2 ⛔: Four slots has no results')
    project.write('experiments/slots.yaml', 'title: [')
    expect(await show(project.root)).toContain('H1; H2 ⛔: the report gives the reason')
  })

  it('refers to the report if stored results are missing', async () => {
    const project = await reported()
    project.remove('reports/slots/results')
    expect(await show(project.root)).toContain('H1; H2 ⛔: the report gives the reason')
  })
})
