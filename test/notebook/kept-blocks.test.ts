import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { blocksOf, splitBlocks } from '../../src/notebook/keep-block.ts'
import { content, plainRendering, Story } from './story.ts'

const opening = '<!-- exp:keep remarks -->\n'

function bodies(story: Story): Record<string, string> {
  const parts = splitBlocks(story.bytes('README.md'), 'README.md')
  return Object.fromEntries(
    blocksOf(parts).map(({ name, body }) => [name, body.toString('latin1')]),
  )
}

async function inTwoLanguages(): Promise<Story> {
  const story = new Story()
  story.locales = ['en', 'zh-CN']
  await story.publish(content())
  story.edit('README.md', opening, `${opening}English\n`)
  story.edit('README.zh-CN.md', opening, `${opening}中文\n`)
  await story.publish(content())
  return story
}

describe('text that people wrote into a keep block', () => {
  it('survives rendering, and does not count as an edit', async () => {
    const story = new Story()
    await story.publish(content())
    story.edit('README.md', opening, `${opening}先上线，再做实验。\n`)
    const written = story.bytes('README.md')
    expect(await story.publish(content())).toEqual([])
    expect(story.bytes('README.md')).toEqual(written)
  })

  it('is labelled in later versions with the version that it was written for, until it is changed', async () => {
    const story = new Story()
    await story.publish(content())
    story.edit('README.md', opening, `${opening}words\n`)
    await story.publish(content({ rounds: 8 }))
    expect(story.text('README.md')).toContain(`*以下写于 v1.0*\n\n${opening}words\n`)
    await story.publish(content({ rounds: 10 }))
    expect(story.text('README.md')).toContain(`v1.2 closed`)
    expect(story.text('README.md')).toContain(`*以下写于 v1.0*\n\n${opening}words\n`)
    story.edit('README.md', 'words', 'other words')
    await story.publish(content({ rounds: 10 }))
    expect(story.text('README.md')).not.toContain('以下写于')
    await story.publish(content({ rounds: 12 }))
    expect(story.text('README.md')).toContain(`*以下写于 v1.2*\n\n${opening}other words\n`)
  })

  it('moves to the end if the template lacks the block, and back if the template has it again', async () => {
    const story = new Story()
    story.locales = ['en']
    await story.publish(content())
    story.edit('README.md', opening, `${opening}words\n`)
    story.render = () => '# Short\n'
    await story.publish(content())
    expect(story.text('README.md')).toBe(
      `# Short\n\n*The template no longer has a place for this text*\n\n${opening}words\n\n<!-- exp:end remarks -->\n`,
    )
    expect(await story.publish(content())).toEqual([])
    story.render = plainRendering
    await story.publish(content())
    expect(story.text('README.md')).not.toContain('no longer')
    expect(bodies(story)).toEqual({ remarks: 'words\n\n' })
  })

  it('stays in its locale if another locale becomes the first', async () => {
    const story = await inTwoLanguages()
    story.locales = ['zh-CN', 'en']
    for (const rounds of [6, 8]) {
      await story.publish(content({ rounds }))
      expect(story.text('README.md')).toMatch(/^# A \(zh-CN\)[^]*中文/)
      expect(story.text('README.en.md')).toMatch(/^# A \(en\)[^]*English/)
    }
  })

  it('moves to the end of the first report if its locale is removed', async () => {
    const story = await inTwoLanguages()
    story.locales = ['en']
    await story.publish(content())
    expect(bodies(story)).toEqual({
      remarks: 'English\n\n',
      'remarks-zh-CN': Buffer.from('中文\n\n').toString('latin1'),
    })
    expect(await story.publish(content())).toEqual([])
  })

  it('is an edit if it is outside a block', async () => {
    const story = new Story()
    await story.publish(content())
    story.edit('README.md', '# A', '# B')
    const [edit] = story.draft(content()).edits
    expect(edit?.file).toBe('README.md')
    expect(edit?.expected.toString()).toContain('# A')
  })

  it('is refused with a line number if a marker is missing', async () => {
    const story = new Story()
    await story.publish(content())
    story.edit('README.md', '<!-- exp:end remarks -->', '')
    expect(() => story.draft(content())).toThrow(ExpError)
    expect(() => story.draft(content())).toThrow(
      'reports/a/README.md:5: `exp:keep remarks` is never closed',
    )
  })

  it('keeps its bytes through any renderings, versions and templates', async () => {
    const renderings = [
      plainRendering,
      () => '# No place\n',
      (...args: Parameters<typeof plainRendering>) => `intro\n\n${plainRendering(...args)}`,
    ]
    const bytes = fc.oneof(
      fc.string().map((text) => Buffer.from(text)),
      fc.uint8Array().map((array) => Buffer.from(array)),
      fc
        .constantFrom(
          'a\r\nb',
          '```\nx\n```',
          '{{title}}\n\n| a |\n| - |',
          '<!-- c -->',
          '# H\n\n[^1]: n',
          '\t \r',
        )
        .map((text) => Buffer.from(text)),
    )
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.array(
          fc.record({ rounds: fc.integer({ min: 6, max: 9 }), rendering: fc.nat({ max: 2 }) }),
          {
            maxLength: 6,
          },
        ),
        async (words, steps) => {
          const story = new Story()
          await story.publish(content())
          const text = story.text('README.md')
          const [before = '', after = ''] = text.split(opening)
          const body = Buffer.concat([words, Buffer.from('\n')])
          writeFileSync(
            path.join(story.root, 'reports/a/README.md'),
            Buffer.concat([Buffer.from(before + opening), body, Buffer.from(after)]),
          )
          const written = Buffer.concat([body, Buffer.from('\n')]).toString('latin1')
          try {
            expect(bodies(story)).toEqual({ remarks: written })
          } catch (error) {
            if (error instanceof ExpError) return // refused, because it leaves something open
            throw error
          }
          for (const { rounds, rendering } of steps) {
            story.render = renderings[rendering] ?? plainRendering
            await story.publish(content({ rounds }))
            const kept = bodies(story)
            if (rendering === 1 && written.trim() === '') return // nothing to keep
            expect(kept).toEqual({ remarks: written })
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
