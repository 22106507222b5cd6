/** Names that reports write into lines of code. */
import { expect, it } from 'vitest'
import { formatProblems } from '../../src/experiment/format-problem.ts'
import { experimentText, parse } from './support.ts'

function problemsOf(parts: Readonly<Record<string, string>>): string {
  const { problems, texts } = parse(experimentText(parts))
  return formatProblems(problems, texts)
}

it.each([
  ['model: "qwen3:0.6b\\nSYSTEM x"', 'line break or another control character'],
  ['model: {name: "a\\tb"}', 'line break or another control character'],
  ['model: ""', 'this text is empty'],
])('refuses %s', (model, message) => {
  expect(problemsOf({ model })).toContain(message)
})

it('takes a request option only under a name of one word', () => {
  const workload = (name: string) =>
    `workload: {prompt: "{{text}}", load: {users: 3, duration: 30s}, options: {${name}: 1}}`
  expect(problemsOf({ workload: workload('"x\\nSYSTEM y"') })).toContain(
    'error unknown-option `x SYSTEM y` is not the name of a request option',
  )
  expect(problemsOf({ workload: workload('own.option-2') })).not.toContain('error')
})
