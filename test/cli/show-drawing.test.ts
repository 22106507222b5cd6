/** What `exp show` draws with characters. */
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import stringWidth from 'string-width'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { Project } from '../notebook/project.ts'
import { memoryIo } from '../support/memory-io.ts'

const golden = 'test/golden/rounds'
const yaml = readFileSync(`${golden}/experiment.yaml`, 'utf8')

/** A project with a report of four configs, each measured in several rounds. */
async function reported(text = yaml): Promise<Project> {
  const project = new Project(text, 'rounds')
  onTestFinished(() => project.remove('.'))
  cpSync(`${golden}/results`, join(project.root, 'reports/rounds/results'), { recursive: true })
  await project.publish('rounds')
  return project
}

async function show({ root }: Project, columns = 80): Promise<readonly string[]> {
  const io = memoryIo(root)
  const stdout = { ...io.stdout, columns }
  expect(await runCommandLine(['show', 'rounds'], { ...io, stdout }), io.err()).toBe(0)
  return io.out().split('\n')
}

const lineOf = (id: string, lines: readonly string[]) =>
  lines.find((line) => line.startsWith(`  ${id}  `)) ?? ''

describe('the drawing of a hypothesis', () => {
  it('has the measured value within its interval, and prints both', async () => {
    const lines = await show(await reported(), 120)
    expect(lineOf('H1', lines)).toMatch(
      /^ {2}H1 {2}[░·━│◆]{16,} {2}-\d+\.\d% \(-\d+\.\d%, -\d+\.\d%\)$/,
    )
    expect(lineOf('H4', lines)).toMatch(/━+◆━+│?━+/)
  })

  it.each([
    ['<=', /◆[━░]*│·+ /],
    ['>=', /◆[━·]*│░+ /],
  ])('shades the values for which it holds: %s', async (comparator, pattern) => {
    const text = yaml.replace('"<= -30%"', `"${comparator} -30%"`)
    expect(lineOf('H1', await show(await reported(text), 120))).toMatch(pattern)
  })

  it('prints the interval only if there is room for it', async () => {
    const project = await reported()
    expect(lineOf('H1', await show(project, 120))).toContain('% (-')
    expect(lineOf('H1', await show(project, 50))).toMatch(/◆.* -\d+\.\d%$/)
  })
})

describe('the drawing of the latency', () => {
  it('has a bar for each config, as long as its latency, and explains its parts', async () => {
    const lines = await show(await reported())
    const bars = lines.filter((line) => /[░▒▓]+ +[\d,]+ ms$/.test(line))
    expect(bars).toHaveLength(4)
    const lengths = bars.map((bar) => bar.match(/[░▞▒▓█]/gu)?.length ?? 0)
    const totals = bars.map((bar) => Number(/([\d,]+) ms$/.exec(bar)?.[1]?.replaceAll(',', '')))
    const scale = Math.max(...lengths) / Math.max(...totals)
    for (const [index, length] of lengths.entries())
      expect(Math.abs(length - (totals[index] ?? 0) * scale)).toBeLessThan(1)
    expect(lines.some((line) => /░ (?:排队|Wait).*▓ (?:解码|Decode)/.test(line))).toBe(true)
  })

  it.each([60, 80, 120, 300])('fits into %d columns', async (columns) => {
    const lines = await show(await reported(), columns)
    const drawn = lines.filter((line) => /[░▒▓━◆]/.test(line))
    expect(drawn.length).toBeGreaterThanOrEqual(8)
    for (const line of drawn) expect(stringWidth(line)).toBeLessThanOrEqual(columns)
  })

  it('is left out if there is no room for it', async () => {
    expect((await show(await reported(), 24)).join('\n')).not.toMatch(/[░▓━]/)
  })

  it('is left out if the stored results are not those of the version', async () => {
    const project = await reported()
    const [file] = project.files('reports/rounds/results')
    project.edit(`reports/rounds/results/${file ?? ''}`, /"endMs":(\d)/, '"endMs":1$1')
    expect((await show(project)).join('\n')).not.toMatch(/[░▓━]/)
  })
})
