import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { blocksOf, splitBlocks } from '../../src/notebook/keep-block.ts'
import { content, plainRendering, ReportHistory } from './report-history.ts'

const opening = '<!-- exp:keep remarks -->\n'

function bodies(history: ReportHistory): Record<string, string> {
  const parts = splitBlocks(history.bytes('README.md'), 'README.md')
  return Object.fromEntries(
    blocksOf(parts).map(({ name, body }) => [name, body.toString('latin1')]),
  )
}

async function inTwoLanguages(): Promise<ReportHistory> {
  const history = new ReportHistory()
  history.locales = ['en', 'zh-CN']
  await history.publish(content())
  history.edit('README.md', opening, `${opening}English\n`)
  history.edit('README.zh-CN.md', opening, `${opening}中文\n`)
  await history.publish(content())
  return history
}

describe('text that people wrote into a keep block', () => {
  it('survives rendering, and does not count as an edit', async () => {
    const history = new ReportHistory()
    await history.publish(content())
    history.edit('README.md', opening, `${opening}先上线，再做实验。\n`)
    const written = history.bytes('README.md')
    expect(await history.publish(content())).toEqual([])
    expect(history.bytes('README.md')).toEqual(written)
  })

  it('is labelled in later versions with the version that it was written for, until it is changed', async () => {
    const history = new ReportHistory()
    await history.publish(content())
    history.edit('README.md', opening, `${opening}words\n`)
    await history.publish(content({ rounds: 8 }))
    expect(history.text('README.md')).toContain(`*以下写于 v1.0*\n\n${opening}words\n`)
    await history.publish(content({ rounds: 10 }))
    expect(history.text('README.md')).toContain(`v1.2 closed`)
    expect(history.text('README.md')).toContain(`*以下写于 v1.0*\n\n${opening}words\n`)
    history.edit('README.md', 'words', 'other words')
    await history.publish(content({ rounds: 10 }))
    expect(history.text('README.md')).not.toContain('以下写于')
    await history.publish(content({ rounds: 12 }))
    expect(history.text('README.md')).toContain(`*以下写于 v1.2*\n\n${opening}other words\n`)
  })

  it('moves to the end if the template lacks the block, and back if the template has it again', async () => {
    const history = new ReportHistory()
    history.locales = ['en']
    await history.publish(content())
    history.edit('README.md', opening, `${opening}words\n`)
    history.render = () => '# Short\n'
    await history.publish(content())
    expect(history.text('README.md')).toBe(
      `# Short\n\n*The template no longer has a place for this text*\n\n${opening}words\n\n<!-- exp:end remarks -->\n`,
    )
    expect(await history.publish(content())).toEqual([])
    history.render = plainRendering
    await history.publish(content())
    expect(history.text('README.md')).not.toContain('no longer')
    expect(bodies(history)).toEqual({ remarks: 'words\n\n' })
  })

  it('stays in its locale if another locale becomes the first', async () => {
    const history = await inTwoLanguages()
    history.locales = ['zh-CN', 'en']
    for (const rounds of [6, 8]) {
      await history.publish(content({ rounds }))
      expect(history.text('README.md')).toMatch(/^# A \(zh-CN\)[^]*中文/)
      expect(history.text('README.en.md')).toMatch(/^# A \(en\)[^]*English/)
    }
  })

  it('moves to the end of the first report if its locale is removed', async () => {
    const history = await inTwoLanguages()
    history.locales = ['en']
    await history.publish(content())
    expect(bodies(history)).toEqual({
      remarks: 'English\n\n',
      'remarks-zh-CN': Buffer.from('中文\n\n').toString('latin1'),
    })
    expect(await history.publish(content())).toEqual([])
  })

  it('is an edit if it is outside a block', async () => {
    const history = new ReportHistory()
    await history.publish(content())
    history.edit('README.md', '# A', '# B')
    const [edit] = (await history.draft(content())).edits
    expect(edit?.file).toBe('README.md')
    expect(edit?.expected.toString()).toContain('# A')
  })

  it('is refused with a line number if a marker is missing', async () => {
    const history = new ReportHistory()
    await history.publish(content())
    history.edit('README.md', '<!-- exp:end remarks -->', '')
    await expect(history.draft(content())).rejects.toThrow(ExpError)
    await expect(history.draft(content())).rejects.toThrow(
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
          const history = new ReportHistory()
          await history.publish(content())
          const text = history.text('README.md')
          const [before = '', after = ''] = text.split(opening)
          const body = Buffer.concat([words, Buffer.from('\n')])
          writeFileSync(
            path.join(history.root, 'reports/a/README.md'),
            Buffer.concat([Buffer.from(before + opening), body, Buffer.from(after)]),
          )
          const written = Buffer.concat([body, Buffer.from('\n')]).toString('latin1')
          try {
            expect(bodies(history)).toEqual({ remarks: written })
          } catch (error) {
            if (error instanceof ExpError) return // refused, because it leaves something open
            throw error
          }
          for (const { rounds, rendering } of steps) {
            history.render = renderings[rendering] ?? plainRendering
            await history.publish(content({ rounds }))
            const kept = bodies(history)
            if (rendering === 1 && written.trim() === '') return // nothing to keep
            expect(kept).toEqual({ remarks: written })
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
