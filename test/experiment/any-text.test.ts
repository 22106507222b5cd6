/** `parseExperiment` never throws, and every problem can be shown, whatever the text. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { codes, experimentText, initialText, parse } from './support.ts'

/** Pieces of YAML and of experiments, and values that are easily mistaken for others. */
const words = [
  'configs',
  'from',
  'claim',
  '{',
  '}',
  '[',
  ']',
  ':',
  '- ',
  '\n',
  '  ',
  '\t',
  '"',
  "'",
  '|',
  '>',
  '&a',
  '*a',
  '!!x',
  '<<',
  '---',
  '{{text}}',
  '{{#if',
  '漫画',
  '\u0000',
  '\u202e',
  '1e999',
  '.nan',
  'null',
  '%',
  '100% (1/0)',
  '__proto__',
  'constructor',
  'toString',
]
/** The file of `exp init` with pieces inserted and characters removed. */
const mutated = fc
  .array(fc.tuple(fc.nat(), fc.constantFrom(...words), fc.nat(12)), { maxLength: 6 })
  .map((edits) =>
    edits.reduce((text, [at, word, cut]) => {
      const start = at % (text.length + 1)
      return text.slice(0, start) + word + text.slice(start + cut)
    }, initialText('fuzzed')),
  )
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...words), maxLength: 60 }),
  mutated,
)

describe('parseExperiment', () => {
  it('never throws, and gives each problem a position in the file, a printable message and a hint', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { experiment, problems } = parse(text)
        expect(experiment === undefined).toBe(problems.some(({ severity }) => severity === 'error'))
        const lines = text.split('\n')
        for (const { line, column, length, message, hint } of problems) {
          expect(line).toBeLessThanOrEqual(lines.length + 1)
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1)
          expect(length).toBeGreaterThan(0)
          expect(`${message}${hint ?? ''}`).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u)
          expect(hint).toBeTruthy()
        }
      }),
      { numRuns: 600 },
    )
  })

  it('finds the position even if the YAML parser loses count of lines', () => {
    const places = parse('|? {\n{\n---').problems.map(({ line, column }) => [line, column])
    expect(places).toEqual([
      [1, 2],
      [2, 1],
      [3, 4],
    ])
  })

  it('never throws for any text of a dataset', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { experiment } = parseExperiment({
          file: 'experiments/slots.yaml',
          text: experimentText({ dataset: 'dataset: d.yaml' }),
          readDataset: (file) => ({ file, text }),
        })
        expect(experiment).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })

  it.each(['[', '{a: ', '- ', '? ', '&a ', '*a ', '"', '!', '---\n', '|\n', ': '])(
    'reports a few errors for %j repeated to 100,000 characters',
    (piece) => {
      const { problems } = parse(piece.repeat(100_000 / piece.length))
      expect(problems.length).toBeGreaterThan(0)
      expect(problems.length).toBeLessThan(20)
    },
  )

  it('refuses a file of ten megabytes without parsing it', () => {
    expect(codes('x: '.repeat(3_500_000))).toEqual(['too-large'])
  })
})
