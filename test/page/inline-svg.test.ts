import fc from 'fast-check'
import rehypeStringify from 'rehype-stringify'
import { unified } from 'unified'
import { describe, expect, it } from 'vitest'
import { drawChart } from '../../src/charts/draw-chart.ts'
import { inlineSvg } from '../../src/page/inline-svg.ts'
import { samples } from '../charts/samples.ts'
import { hostile } from '../support/hostile.ts'

const htmlOf = (svg: string) => {
  const element = inlineSvg(svg)
  if (element === undefined) throw new Error('not taken over')
  return unified()
    .use(rehypeStringify)
    .stringify({ type: 'root', children: [element] })
}
const start = '<svg xmlns="http://www.w3.org/2000/svg" class="exp-chart">'

describe('the element of a chart', () => {
  it.each(Object.keys(samples))('has the shapes, texts and values of its file: %s', (name) => {
    const svg = drawChart(samples[name]!)
    const html = htmlOf(svg)
    for (const tag of ['path', 'rect', 'circle', 'text', 'title'])
      expect(html.split(`<${tag}`)).toHaveLength(svg.split(`<${tag}`).length)
    expect(html).toContain('class="picture exp-chart"')
    expect(html).not.toContain('<style')
  })

  it.each([
    ['a script', '<script>alert(1)</script>', /script|alert/],
    ['an event handler', '<rect onload="alert(1)" width="1"/>', /onload|alert/],
    ['a link', '<a href="javascript:alert(1)"><text>inside</text></a>', /href|<a|inside/],
    ['a foreign object', '<foreignObject><iframe src="x"/></foreignObject>', /foreign|iframe/],
    ['an image', '<image href="https://tracker.example/x.png"/>', /image|tracker/],
    ['a style', '<style>*{background:url(//tracker.example)}</style>', /style|tracker/],
    ['an address in a colour', '<rect fill="url(https://tracker.example/#a)"/>', /tracker/],
    ['an animation', '<set attributeName="href" to="javascript:x"/>', /set|javascript/],
    ['an id', '<g id="main"/>', /id=/],
  ])('leaves out %s', (_, content, forbidden) => {
    expect(htmlOf(`${start}${content}</svg>`)).not.toMatch(forbidden)
  })

  it('never holds anything but known shapes, whatever the file contains', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const html = htmlOf(`${start}<g>${text}</g></svg>`)
        const tags = Array.from(html.matchAll(/<\/?([^\s/>]+)/g), ([, tag]) => tag)
        const known = ['svg', 'g', 'rect', 'path', 'line', 'circle', 'text', 'title']
        expect(tags.filter((tag) => !known.includes(tag ?? ''))).toEqual([])
      }),
    )
  })

  it('is undefined for other files', () => {
    expect(inlineSvg('<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>')).toBeUndefined()
    expect(inlineSvg('no picture, class="exp-chart"')).toBeUndefined()
  })

  it('does not follow levels without end', () => {
    const html = htmlOf(`${start}${'<g>'.repeat(10_000)}</svg>`)
    expect(html.length).toBeLessThan(1000)
    expect(inlineSvg(`${start}${'<g>'.repeat(400_000)}</svg>`)).toBeUndefined()
  })
})
