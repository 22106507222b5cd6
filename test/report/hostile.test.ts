import fc from 'fast-check'
import type { Nodes } from 'mdast'
import { describe, expect, it } from 'vitest'
import { everyNode, parseMarkdown, writeMarkdown } from '../../src/markdown/markdown.ts'
import { oneLine } from '../../src/format/plain-text.ts'
import { renderReport } from '../../src/report/report.ts'
import { anyStory } from './support/any-story.ts'
import { hostile } from '../support/hostile.ts'

/** Everything that is structure: what text may be split into by its own addresses is not. */
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

/** Texts that show something, are not all alike, and are not of the form `head (tail)`, which is set in bold by half. */
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

const plain = Array.from({ length: 60 }, (_, index) => `x${index}`)

describe('a report full of hostile text', () => {
  const expected = structure(renderReport(anyStory(inTurn(plain))))

  it('has the structure that it has with plain text, and composes to itself', () => {
    fc.assert(
      fc.property(texts, (values) => {
        const report = renderReport(anyStory(inTurn(values)))
        expect(structure(report)).toEqual(expected)
        expect(writeMarkdown(parseMarkdown(report))).toBe(report)

        expect(report).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
      }),
      { numRuns: 25 },
    )
  })

  it('shows every text whole', () => {
    fc.assert(
      fc.property(texts, (values) => {
        const input = anyStory(inTurn(values))
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
      { numRuns: 25 },
    )
  })
})
