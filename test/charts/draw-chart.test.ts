import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Chart } from '../../src/charts/chart.ts'
import { drawChart } from '../../src/charts/draw-chart.ts'
import { drawing, plotVersion } from '../../src/charts/drawing.ts'
import { hostile } from '../support/hostile.ts'
import { samples } from './samples.ts'

const names = Object.keys(samples)

function sample(name: string): Chart {
  const chart = samples[name]
  if (chart === undefined) throw new Error(`no sample ${name}`)
  return chart
}

describe.each(names)('a chart of kind %s', (name) => {
  it('has the expected bytes', async () => {
    await expect(drawChart(sample(name))).toMatchFileSnapshot(`expected/${name}.svg`)
  })

  it('holds only shapes and texts, whatever its texts are', () => {
    fc.assert(
      fc.property(hostile, (text: string) => {
        expectInert(drawChart(withTexts(sample(name), text)))
      }),
      { numRuns: 20 },
    )
  })
})

/** The chart with every text replaced, except those that say how to draw. */
function withTexts(chart: Chart, text: string): Chart {
  const keys = new Set(['title', 'alt', 'axis', 'label', 'text', 'statement', 'verdict', 'note'])
  const replaced: unknown = JSON.parse(JSON.stringify(chart), (key, value: unknown) =>
    keys.has(key) && typeof value === 'string' ? text : value,
  )
  return { ...(replaced as Chart), notes: [text] }
}

/** Fails unless each `<` begins a known element and each `&` a known entity, and no attribute refers to anything. */
function expectInert(svg: string): void {
  const elements = new Set(Array.from(svg.matchAll(/<\/?([^\s/>]*)/g), ([, element]) => element))
  const known = ['svg', 'style', 'rect', 'text', 'g', 'path', 'line', 'circle', 'title', 'defs']
  expect([...elements].filter((element) => !known.includes(element ?? ''))).toEqual([])
  expect(svg.replaceAll(/&(?:amp|lt|gt|quot|#160);/g, '')).not.toContain('&')
  // The values of attributes are quoted, so that what remains are their names.
  const attributes = svg.replaceAll(/"[^"]*"/g, '""').matchAll(/ ([a-z:-]+)=""/gi)
  for (const [, attribute = ''] of attributes)
    expect(attribute).not.toMatch(/^(?:on.*|href|xlink:.*|src)$/i)
  const withoutTexts = svg.replaceAll(/>[^<]*</g, '><').replace(/ aria-label="[^"]*"/, '')
  expect(withoutTexts.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
    /url\(|@import|http/,
  )
  // XML allows no control code but these three.
  expect(svg).not.toMatch(/[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/u)
}

it('has the same bytes in another time zone and locale', { timeout: 60_000 }, async () => {
  const script = `
    import { drawChart } from './src/charts/draw-chart.ts'
    import { samples } from './test/charts/samples.ts'
    for (const chart of Object.values(samples)) process.stdout.write(drawChart(chart))`
  const env = { TZ: 'Asia/Kathmandu', LANG: 'ar_EG.UTF-8', LC_ALL: 'ar_EG.UTF-8' }
  const arguments_ = ['--import', 'tsx', '--input-type', 'module', '--eval', script]
  const { stdout } = await execa('node', arguments_, { env, stripFinalNewline: false })
  expect(stdout).toBe(Object.values(samples).map(drawChart).join(''))
})

it('names the installed version of the library', () => {
  const file = 'node_modules/@observablehq/plot/package.json'
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('version', plotVersion)
})

it('draws the same bytes until `drawingCode` is raised', async () => {
  const bytes = names.map((name) => drawChart(sample(name))).join('')
  const digest = createHash('sha256').update(bytes).digest('hex')
  const file = 'test/charts/expected/drawing.txt'
  const [stored, before] = readFileSync(file, 'utf8').trim().split('\n')
  // Locks name the drawing, so other bytes under the same number would pass `exp check` unnoticed.
  if (stored === drawing)
    expect(digest, 'raise `drawingCode` in src/charts/drawing.ts').toBe(before)
  await expect(`${drawing}\n${digest}\n`).toMatchFileSnapshot('expected/drawing.txt')
})
