/** No text that is not ours drives the terminal, or the machine that runs CI. */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { printJson } from '../../src/cli/safe-output.ts'
import { wrappingOutput } from '../../src/cli/wrap.ts'
import type { Project } from '../notebook/project.ts'
import { reportedProject } from '../notebook/reported-project.ts'
import { memoryIo } from '../support/memory-io.ts'

/**
 * Terminal codes in every form: CSI, OSC with its end, C1, a direction mark, and a line break for a line of one's own.
 */
const codes = '\u001b[5m\u001b]0;t\u0007\u009b5m\u202e\n::error::x'
/** The same without what no file name may contain. */
const codesOfNames = codes.replaceAll(':', '')
const allCodes = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u
const lineCommand = /^\s*::/m

async function printed(project: Project, ...args: readonly string[]): Promise<string> {
  const io = memoryIo(project.root)
  await runCommandLine(args, io)
  return io.out() + io.err()
}

/** Expects output about the text, and no code in it. */
function expectCleaned(output: string): void {
  expect(output).toContain('�')
  expect(output).not.toMatch(allCodes)
  expect(output).not.toMatch(lineCommand)
}

describe('terminal codes do not reach the terminal', () => {
  it('in the type of a record', async () => {
    const project = await reportedProject()
    const [name = ''] = project.files('reports/slots/results')
    const file = `reports/slots/results/${name}`
    const [header = ''] = project.text(file).split('\n')
    project.write(file, `${header}\n${JSON.stringify({ type: codes })}\n{}\n`)
    expectCleaned(await printed(project, 'check'))
  })

  it('in an unknown key of an experiment', async () => {
    const project = await reportedProject()
    project.edit('experiments/slots.yaml', 'rounds: 2', `rounds: 2\n${JSON.stringify(codes)}: 1`)
    expectCleaned(await printed(project, 'validate', 'experiments/slots.yaml'))
    expectCleaned(await printed(project, 'check'))
  })

  it('in the bytes of a lock', async () => {
    const project = await reportedProject()
    const lock = 'reports/slots/v1.0.lock.json'
    const text = project.text(lock)
    project.write(lock, codes + text)
    expectCleaned(await printed(project, 'check'))
    project.write(lock, text.replace('{\n', `{\n  ${JSON.stringify(codes)}: 1,\n`))
    expectCleaned(await printed(project, 'check'))
  })

  it('in the names of files and folders', async () => {
    const project = await reportedProject()
    project.write(`experiments/e${codesOfNames}.yaml`, 'title: 1')
    project.write(`reports/r${codesOfNames}/v1.0.lock.json`, '{}')
    mkdirSync(path.join(project.root, `reports/e${codesOfNames}`))
    expectCleaned(await printed(project, 'check'))
    expectCleaned(await printed(project, 'validate', `experiments/e${codesOfNames}.yaml`))
  })

  it('in the name of a template', async () => {
    const project = await reportedProject()
    project.write(`templates/en/${codesOfNames}.hbs`, 'x')
    expectCleaned(await printed(project, 'check'))
  })

  it('in a value that a template names', async () => {
    const project = await reportedProject()
    project.write('templates/en/report.hbs', '{{[\u001b5m\u202e]}}')
    expectCleaned(await printed(project, 'check'))
  })

  it.each([
    ['report X'],
    ['validate X'],
    ['run X'],
    ['diff slots X'],
    ['next slots X'],
    ['drop slots X --why x'],
    ['X'],
    ['check --X'],
  ])('in an argument, X, of `exp %s`', async (command) => {
    const args = command.split(' ').map((word) => word.replace('X', codes))
    expectCleaned(await printed(await reportedProject(), ...args))
  })

  it('in a key of exp.local.yaml', async () => {
    const project = await reportedProject()
    project.write('exp.local.yaml', `${JSON.stringify(codes)}: 1\n`)
    expectCleaned(await printed(project, 'run', 'experiments/slots.yaml', '--dry-run'))
  })

  it('in a report that somebody edited', async () => {
    const project = await reportedProject()
    const edit = `\n${codes.replace('\n', '\r')}\n::stop-commands::x\nx ##[error]x ##vso[x]\n`
    project.edit('reports/slots/README.md', '\n## Conclusion', `${edit}\n## Conclusion`)
    for (const command of ['check', 'report']) {
      const output = await printed(project, command)
      expect(output).toContain('stop-commands')
      expect(output).not.toMatch(allCodes)
      expect(output).not.toMatch(lineCommand)
      expect(output).not.toMatch(/##\w*\[/)
    }
  })

  it('even if the output is a terminal that shows colours', async () => {
    const project = await reportedProject()
    project.write('reports/slots/v1.0.lock.json', codes)
    const io = memoryIo(project.root, { terminal: true })
    await runCommandLine(['check'], io)
    expect(io.out().replace(/\u001b\[(?:1|2|22|31|32|33|39)m/g, '')).not.toMatch(allCodes)
  })
})

describe('JSON', () => {
  it('keeps every character of a value, as an escape where it would be replaced', () => {
    let text = ''
    const value = { title: `${codes} ##[error]x \u{e0041}` }
    printJson(
      wrappingOutput({ write: (part) => (text += part), isTerminal: false, columns: 80 }),
      value,
    )
    expect(JSON.parse(text)).toEqual(value)
    expect(text).not.toMatch(allCodes)
    expect(text).not.toContain('##[')
  })
})
