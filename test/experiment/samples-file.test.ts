import { describe, expect, it } from 'vitest'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { experimentText } from './support.ts'

function parseWith(dataset: string, text: string, prompt = '{{text}}') {
  return parseExperiment({
    file: 'experiments/lines.yaml',
    text: experimentText({
      dataset: `dataset: datasets/${dataset}`,
      workload: `workload: {prompt: "${prompt}", load: {users: 3, duration: 30s}}`,
    }),
    readDataset: (file) => ({ file, text }),
  })
}

const samplesOf = (dataset: string, text: string, prompt?: string) =>
  parseWith(dataset, text, prompt).experiment?.dataset?.samples.map(({ id, fields, expected }) => ({
    ...fields,
    id,
    ...(Object.keys(expected).length === 0 ? {} : { expected }),
  }))

describe('a dataset whose samples are lines', () => {
  it('reads a prompt from each line of a text file that is not blank', () => {
    expect(samplesOf('prompts.txt', '\ufefffirst: a\r\n\r\n  \nsecond "b"\n')).toEqual([
      { id: 's1', text: 'first: a' },
      { id: 's2', text: 'second "b"' },
    ])
    expect(parseWith('prompts.txt', 'a').experiment?.dataset?.name).toBe('prompts')
  })

  it('reads a sample from each line of JSON, with its id and what is expected', () => {
    const text =
      '{"id": "x", "text": "first", "expected": {"score": 1}}\n{"text": "second", "n": 2}\n'
    expect(samplesOf('prompts.jsonl', text)).toEqual([
      { id: 'x', text: 'first', expected: { score: 1 } },
      { id: 's2', text: 'second', n: 2 },
    ])
  })

  it('reads CSV: columns are fields, `expected.…` is what is expected, quoted values keep line breaks', () => {
    const text = 'question,expected.answer\n"first, with\na break",yes\nsecond,no\n'
    expect(samplesOf('prompts.csv', text, '{{question}}')).toEqual([
      { id: 's1', question: 'first, with\na break', expected: { answer: 'yes' } },
      { id: 's2', question: 'second', expected: { answer: 'no' } },
    ])
  })

  it('places a problem of a sample at its line', () => {
    const { problems } = parseWith('prompts.jsonl', '{"text": "a"}\n\n{"text": ["b"]}\n')
    expect(problems).toMatchObject([{ file: 'datasets/prompts.jsonl', line: 3, column: 1 }])
  })

  it('measures the same, whether the samples are lines or YAML', () => {
    const lines = parseWith('prompts.txt', 'first\nsecond\n').experiment
    const yaml = parseWith(
      'prompts.yaml',
      'name: x\nsamples: [{text: first}, {text: second}]',
    ).experiment
    expect(lines?.dataset?.digest).toBe(yaml?.dataset?.digest)
  })

  it('refuses a file without samples', () => {
    expect(parseWith('prompts.txt', '\n').problems).toMatchObject([{ code: 'empty' }])
  })
})
