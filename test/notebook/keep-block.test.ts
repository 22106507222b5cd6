import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { blocksOf, joinParts, splitBlocks, withoutBodies } from '../../src/notebook/keep-block.ts'

function split(text: string | Buffer) {
  return splitBlocks(Buffer.from(text), 'reports/a/README.md')
}

function refusal(text: string | Buffer): string {
  try {
    split(text)
  } catch (error) {
    if (error instanceof ExpError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'taken'
}

const inBlock = (body: string) =>
  `# T\n\n<!-- exp:keep remarks -->\n${body}<!-- exp:end remarks -->\n\nend\n`

describe('splitting a report into blocks', () => {
  it('returns its keep blocks, and joins to the same bytes', () => {
    const text =
      'a\n<!-- exp:keep one -->\nx\r\n\ny\n<!-- exp:end one -->\r\nb\n<!-- exp:keep 二 -->\n<!-- exp:end 二 -->'
    const parts = split(text)
    expect(blocksOf(parts).map(({ name, body }) => [name, body.toString()])).toEqual([
      ['one', 'x\r\n\ny\n'],
      ['二', ''],
    ])
    expect(joinParts(parts).toString()).toBe(text)
  })

  it('ignores the bodies of blocks and the kind of line ends in the text outside blocks', () => {
    const written = withoutBodies(split(inBlock('words\n')))
    expect(withoutBodies(split(inBlock('')))).toEqual(written)
    expect(withoutBodies(split(inBlock('other\n').replaceAll('\n', '\r\n')))).toEqual(written)
    expect(withoutBodies(split(`${inBlock('')} `))).not.toEqual(written)
  })

  it.each([
    [
      'a block without an end',
      '\n<!-- exp:keep a -->\ntext\n',
      'README.md:2: `exp:keep a` is never closed',
    ],
    [
      'an end without a block',
      'x\n<!-- exp:end a -->\n',
      'README.md:2: `exp:end a` closes a block that is not open',
    ],
    [
      'a block inside another',
      '<!-- exp:keep a -->\n<!-- exp:keep b -->\n',
      ':2: `exp:keep b` opens inside `a`, which line 1 opened',
    ],
    [
      'the end of another block',
      '<!-- exp:keep a -->\n<!-- exp:end b -->\n',
      ':2: `exp:end b` does not match the open block `a`',
    ],
    [
      'the same block twice',
      `${inBlock('')}${inBlock('')}`,
      ':9: `exp:keep remarks` was already opened in line 3',
    ],
    ['an open fence', inBlock('fine\n\n```js\ncode\n'), ':6: the code fence here is not closed'],
    ['an open tilde fence', inBlock('~~~\n```\n```\n'), ':4: the code fence here is not closed'],
    ['a fence in a list', inBlock('- a\n\n  ```\n  code\n'), 'taken'],
    ['an open comment', inBlock('one\n\n<!-- note\n'), ':6: the comment here is not closed'],
    ['open details', inBlock('x\n\n<details>\n'), ':6: the `<details>` here is not closed'],
    ['closed details', inBlock('x\n</details>\n'), ':5: the `</details>` here closes nothing'],
    ['an open script', inBlock('<script>\n'), ':4: the HTML here is not closed'],
    ['a comment in a script', inBlock('<script>\n<!-- a\n'), ':4: the comment here is not closed'],
    ['closed fence and comment', inBlock('```\n<!-- exp:\n```\n\n<!-- a -->\ntext\n'), 'taken'],
    [
      'an end inside a fence',
      inBlock('```\n<!-- exp:end remarks -->\n```\n'),
      ':4: the code fence here',
    ],
  ])('accepts or refuses %s', (_, text, expected) => {
    expect(refusal(text)).toContain(expected)
  })

  it('refuses a body above the maximum size', () => {
    const message = refusal(inBlock(`${'x'.repeat(200_000)}\n`))
    expect(message).toContain(':3: block `remarks` holds 200001 bytes; the maximum is 200000')
  })

  it('refuses an incomplete HTML tag', () => {
    expect(refusal(inBlock('a\n\n<details\n'))).toContain('tag here is not closed')
  })

  it('keeps the bytes of every body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const body = Buffer.concat([bytes, Buffer.from('\n')])
        const text = Buffer.concat([
          Buffer.from('<!-- exp:keep a -->\n'),
          body,
          Buffer.from('<!-- exp:end a -->\nrest'),
        ])
        if (refusal(text) !== 'taken') return
        const parts = splitBlocks(text, 'f')
        expect(blocksOf(parts)[0]?.body).toEqual(body)
        expect(joinParts(parts)).toEqual(text)
      }),
      { numRuns: 300 },
    )
  })
})
