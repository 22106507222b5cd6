import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { formatProblem, formatProblems } from '../../src/experiment/format-problem.ts'
import type { Problem } from '../../src/experiment/problem.ts'
import { codes, experimentText, parse } from './support.ts'

const problem: Problem = {
  code: 'unknown-key',
  severity: 'error',
  message: '`变化` is not a key',
  hint: 'did you mean `change`?',
  file: 'experiments/漫画.yaml',
  line: 2,
  column: 8,
  length: 2,
}

describe('formatProblem', () => {
  it('places the carets by the width of characters in the terminal', () => {
    const lines = formatProblem(problem, 'a: 1\nx: 漫画评论变化: 1\n').split('\n')
    expect(lines.slice(0, 4)).toEqual([
      'experiments/漫画.yaml:2:8: error unknown-key `变化` is not a key',
      '2 | x: 漫画评论变化: 1',
      '  |            ^^^^',
      '  hint: did you mean `change`?',
    ])
    expect(stringWidth(lines[2]!.replaceAll('^', ''))).toBe(stringWidth('2 | x: 漫画评论'))
  })

  it('prints no control character of the file', () => {
    const hostile = 'x: \u001b[31mred\u0007\u202e\u2028 \u009b2J'
    const printed = formatProblem({ ...problem, line: 1, column: 1, length: 99 }, hostile)
    expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u202e]/u)
  })

  it('shows the part of a long line around the problem', () => {
    const text = `${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`
    const printed = formatProblem({ ...problem, line: 1, column: 5001, length: 4 }, text)
    const [, shown = '', carets = ''] = printed.split('\n')
    expect(shown.length).toBeLessThan(120)
    expect(shown.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('HERE')
  })

  it('applies the colours of its caller', () => {
    const mark = (name: string) => (text: string) => `<${name}>${text}</${name}>`
    const style = {
      error: mark('e'),
      warning: mark('w'),
      position: mark('p'),
      secondary: mark('a'),
    }
    expect(formatProblem(problem, 'a\nx: 漫画评论变化', style)).toContain(
      '<e>error unknown-key</e>',
    )
  })

  it('formats a problem whose line does not exist, and at most 50 problems', () => {
    expect(formatProblem({ ...problem, line: 99 }, 'a: 1')).toContain(':99:8:')
    expect(formatProblems([], new Map())).toBe('')
    expect(
      formatProblems(
        Array.from({ length: 53 }, () => problem),
        new Map(),
      ),
    ).toMatch(/\nand 3 more\n$/)
  })
})

describe('positions of problems', () => {
  it('are right with CRLF and after wide characters', () => {
    const text = experimentText({ title: 'title: 漫画评论', rounds: 'rounds: six' }).replaceAll(
      '\n',
      '\r\n',
    )
    const [found] = parse(text).problems
    expect(text.split('\r\n')[found!.line - 1]?.slice(found!.column - 1, found!.column + 2)).toBe(
      'six',
    )
  })

  it('are reported once per value, even if the value may have several forms', () => {
    expect(codes(experimentText({ model: 'model: {nmae: "qwen3:0.6b"}' }))).toEqual(['unknown-key'])
  })
})
