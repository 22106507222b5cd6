import fc from 'fast-check'
import type { Nodes } from 'mdast'
import { describe, expect, it } from 'vitest'
import { everyNode, parseMarkdown, writeMarkdown } from '../../src/markdown/markdown.ts'
import { oneLine } from '../../src/format/plain-text.ts'
import { renderReport } from '../../src/report/report.ts'
import { inputWithTexts } from './support/input-with-texts.ts'
import { hostile } from '../support/hostile.ts'
import { shippedTemplates } from '../support/templates.ts'

/** The structure of a report without its texts, which addresses may split into several nodes. */
function structure(report: string): readonly string[] {
  return [...everyNode(parseMarkdown(report))].flatMap((node) => {
    if (node.type === 'text' || node.type === 'inlineCode') return []
    if (node.type === 'html') return [node.value]
    if (node.type === 'heading') return [`heading ${node.depth}`]
    if (node.type === 'link') return [`link ${node.url}`]
    return [node.type]
  })
}

function shownText(node: Nodes): string {
  return [...everyNode(node)].map((inner) => ('value' in inner ? inner.value : '')).join('')
}

/** Distinct texts that are not blank and not of the form `head (tail)`, of which only the head is bold. */
const texts = fc
  .array(
    hostile.filter((text) => oneLine(text) !== '' && !/[)）]\s*$/.test(oneLine(text))),
    {
      minLength: 60,
      maxLength: 60,
    },
  )
  .map((values) => values.map((value, index) => `${value}x${index}`))

function inTurn(values: readonly string[]): () => string {
  const left = values.values()
  return () => left.next().value ?? 'none left'
}

/** Texts that differ only at their ends, so that shortening any of them would make it equal to others. */
const sameStarts = Array.from({ length: 60 }, (_, index) => `<!-- exp:keep remarks -->x${index}`)

const plain = Array.from({ length: 60 }, (_, index) => `x${index}`)

describe('a report full of hostile text', () => {
  const expected = structure(renderReport(inputWithTexts(inTurn(plain))))

  it('forms no emoji code of a text and the colon after it', () => {
    const halves = plain.map((text) => `${text}:smile`)
    const input = inputWithTexts(inTurn(halves))
    const report = renderReport({ ...input, locale: 'en', templates: shippedTemplates('en') })
    const nodes = [...everyNode(parseMarkdown(report))]
    const lines = nodes.flatMap((node) => (node.type === 'text' ? [node.value] : []))
    expect(lines.filter((line) => line.includes(':smile:'))).toEqual([])
    expect(report).toContain('`:smile`:')
  })

  it('has the same structure as with plain text, and composes to the same text', () => {
    fc.assert(
      fc.property(texts, (values) => {
        const report = renderReport(inputWithTexts(inTurn(values)))
        expect(structure(report)).toEqual(expected)
        expect(writeMarkdown(parseMarkdown(report))).toBe(report)

        expect(report).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
      }),
      { numRuns: 25, examples: [[sameStarts]] },
    )
  })

  it('shows every text in full', () => {
    fc.assert(
      fc.property(texts, (values) => {
        const input = inputWithTexts(inTurn(values))
        const report = shownText(parseMarkdown(renderReport(input)))
        const { experiment } = input
        const whole = [
          experiment.title,
          experiment.question ?? '',
          ...experiment.configs.flatMap(({ label, group }) => [label, group]),
          ...experiment.hypotheses.map(({ statement }) => statement),
          ...Object.values(experiment.hardware),
        ]
        for (const text of whole) expect(report).toContain(oneLine(text))
      }),
      { numRuns: 25, examples: [[sameStarts]] },
    )
  })
})
