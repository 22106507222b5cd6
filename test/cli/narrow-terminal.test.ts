/** On a narrow terminal, no line is wider than it, and no word is broken. */
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { reportedProject } from '../notebook/reported-project.ts'
import { memoryIo } from '../support/memory-io.ts'

async function output(root: string, args: readonly string[], columns?: number) {
  const io = memoryIo(root, {
    env: { NO_COLOR: '1' },
    ...(columns !== undefined && { terminal: true, columns }),
  })
  await runCommandLine(args, io)
  return io.out() + io.err()
}

/** Without what is drawn to the width of the terminal. */
const wordsOf = (text: string) =>
  text
    .replace(/[\p{S}·…]+/gu, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')

const commands = [
  ['--help'],
  ['help', 'run'],
  ['help', 'compare'],
  ['help', 'tune'],
  ['list'],
  ['show', 'slots'],
  ['show', 'nothing'],
  ['diff', 'slots'],
  ['check', 'nothing'],
  ['validate', 'missing.yaml'],
]

describe('a terminal with 60 columns', () => {
  it.each(commands)('breaks `exp %s %s` between words only', async (...args) => {
    const { root } = await reportedProject()
    const narrow = await output(root, args, 60)
    expect(wordsOf(narrow)).toEqual(wordsOf(await output(root, args)))
    const tooWide = narrow.split('\n').filter((line) => stringWidth(line) > 60)
    expect(tooWide.filter((line) => wordsOf(line).length > 1)).toEqual([])
    expect(narrow).not.toMatch(/\n\n\n/)
  })

  it.each([
    [['show', 'slots', '--md']],
    [['show', 'slots', '--json']],
    [['report', 'slots', '--stdout']],
    [['export', 'slots']],
    [['completion', 'bash']],
  ])('leaves what people copy as it is: %j', async (args) => {
    const { root } = await reportedProject()
    expect(await output(root, args, 60)).toBe(await output(root, args))
  })
})
