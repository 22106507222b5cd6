/** From the Markdown of a report to the tree of its page. */
import fc from 'fast-check'
import type { Element, Root } from 'hast'
import { toString } from 'hast-util-to-string'
import rehypeStringify from 'rehype-stringify'
import { unified } from 'unified'
import { visit } from 'unist-util-visit'
import { describe, expect, it } from 'vitest'
import { escapeMarkdown } from '../../src/markdown/markdown.ts'
import { reportBody, type References } from '../../src/page/report-body.ts'
import { hostile } from '../support/hostile.ts'
import { pageWords } from './words.ts'

const alone: References = { resolve: () => undefined, read: () => undefined }

function bodyOf(markdown: string, references: Partial<References> = {}): Root {
  return reportBody(markdown, { ...alone, ...references }, pageWords()).root
}

function htmlOf(markdown: string, references: Partial<References> = {}): string {
  return unified().use(rehypeStringify).stringify(bodyOf(markdown, references))
}

function elementsIn(root: Root): readonly Element[] {
  const elements: Element[] = []
  visit(root, 'element', (element) => void elements.push(element))
  return elements
}

describe('the HTML that templates write', () => {
  it('folds the content of `details`', () => {
    expect(
      htmlOf('<details>\n<summary>More &amp; more</summary>\n\n- **a**\n\n</details>\n\nend'),
    ).toBe(
      '<details>\n<summary>More &#x26; more</summary>\n<ul>\n<li><strong>a</strong></li>\n</ul>\n</details>\n<p>end</p>',
    )
  })

  it('breaks lines in cells, and shows no comment', () => {
    const html = htmlOf('a<br>b <!-- c -->\n\n<!-- exp:keep remarks -->\n\n<!-- d -->')
    expect(html.trim()).toBe('<p>a<br>b </p>')
  })
})

describe('the HTML that people write', () => {
  it('shows what is not allowed as text', () => {
    const html = htmlOf(
      '<script>alert(1)</script>\n\nx <iframe src="//a.b"> y\n\n<style>p{}</style>',
    )
    expect(html).not.toMatch(/<(script|iframe|style)/)
    expect(html).toContain('&#x3C;script>')
    expect(html).toContain('&#x3C;iframe src="//a.b">')
  })

  it.each([
    '<a href="javascript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '[x](javascript:alert(1))',
    '[x](data:text/html,x)',
    '<a onclick="alert(1)" id="main" style="x" href="vbscript:x">x</a>',
    '<img src="javascript:x" onerror="alert(1)">',
    '![x](https://tracker.example/x.png)',
  ])('has no address or attribute that acts: %s', (markdown) => {
    for (const { tagName, properties } of elementsIn(bodyOf(markdown))) {
      expect(['p', 'a', 'span']).toContain(tagName)
      expect(Object.keys(properties)).not.toEqual(expect.arrayContaining(['href', 'id', 'onClick']))
    }
  })

  it('nests no deeper than a page can hold', () => {
    expect(elementsIn(bodyOf('x <b>'.repeat(2000)))).toHaveLength(21)
    expect(elementsIn(bodyOf('<div>'.repeat(2000)))).toHaveLength(20)
  })
})

const allowed = new Set(
  (
    'a b blockquote br code del details div em h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre s samp section small ' +
    'span strong sub summary sup table tbody td th thead tr u ul var'
  ).split(' '),
)

describe('any text', () => {
  it('gives only elements and addresses that are allowed', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 8 }), (parts) => {
        for (const { tagName, properties } of elementsIn(bodyOf(parts.join('')))) {
          expect(allowed).toContain(tagName)
          const { href } = properties
          if (typeof href === 'string') expect(href).toMatch(/^(?:https?:|mailto:|#)/)
          for (const name of Object.keys(properties)) expect(name).not.toMatch(/^on|^style$/i)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('stays text where a report shows it as text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const root = bodyOf(`x${escapeMarkdown(text)}`)
        const names = new Set(elementsIn(root).map(({ tagName }) => tagName))
        for (const name of names) expect(['p', 'code', 'pre']).toContain(name)
      }),
      { numRuns: 300 },
    )
  })
})

describe('an alert of GitHub', () => {
  it.each([
    ['WARNING', 'Warning'],
    ['NOTE', 'Note'],
    ['caution', 'Caution'],
  ])('%s has a title in words', (kind, title) => {
    const html = htmlOf(`> [!${kind}]\n> **Demo only**: do not quote.`)
    expect(html).toContain(`<div class="alert alert-${kind.toLowerCase()}" role="note">`)
    expect(html).toContain(`<p class="alert-title">${title}</p>`)
    expect(html).toContain('<p><strong>Demo only</strong>: do not quote.</p>')
    expect(html).not.toContain('[!')
  })

  it('is a quote if its kind is unknown', () => {
    expect(htmlOf('> [!DANGER]\n> x')).toContain('<blockquote>')
  })
})

describe('links', () => {
  const resolve = (address: string) => (address === 'v1.0.md' ? 'v1.0.html' : undefined)

  it('lead to pages that exist', () => {
    expect(htmlOf('[v1.0](v1.0.md)', { resolve })).toContain('<a href="v1.0.html">v1.0</a>')
  })

  it('become text that names the file, if the reader has no such file', () => {
    expect(htmlOf('[results](results/a%20b.jsonl)', { resolve })).toContain(
      '<span class="file" title="results/a b.jsonl">results</span>',
    )
  })

  it('send no referrer to other sites', () => {
    expect(htmlOf('<https://example.com/>')).toContain('rel="noopener noreferrer"')
  })

  it('of footnotes lead to their notes and back', () => {
    const root = bodyOf('a[^exp-1] b[^exp-1]\n\n[^exp-1]: the note')
    const elements = elementsIn(root)
    const ids = new Set(elements.map(({ properties }) => String(properties['id'])))
    const targets = elements.flatMap(({ properties: { href } }) =>
      typeof href === 'string' && href.startsWith('#') ? [href.slice(1)] : [],
    )
    expect(targets).toHaveLength(4)
    for (const target of targets) expect(ids).toContain(target)
    expect(toString(root)).toContain('the note')
  })
})

describe('pictures', () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><title>t</title></svg>')

  it('are inside the page', () => {
    const html = htmlOf('![Latency: A 5 s, B 4 s](charts/v1.0/latency.en.svg)', {
      read: (address) => (address === 'charts/v1.0/latency.en.svg' ? svg : undefined),
    })
    expect(html).toContain(`src="data:image/svg+xml;base64,${svg.toString('base64')}"`)
    expect(html).toContain('alt="Latency: A 5 s, B 4 s"')
  })

  it('that are not stored become their text', () => {
    expect(htmlOf('![Latency: A 5 s](gone.svg)')).toBe(
      '<p><span class="missing">Latency: A 5 s</span></p>',
    )
  })

  it('that are charts have a limited number of shapes together', () => {
    const chart = `<svg xmlns="http://www.w3.org/2000/svg" class="exp-chart">${'<g/>'.repeat(19_000)}</svg>`
    const html = htmlOf('![x](x.svg)\n\n'.repeat(8), { read: () => Buffer.from(chart) })
    expect(html.split('class="picture exp-chart"')).toHaveLength(6)
    expect(html.split('src="data:image/svg+xml')).toHaveLength(4)
  })

  it('of a kind that is no picture are not read', () => {
    expect(htmlOf('![x](page.html)', { read: () => svg })).not.toContain('data:')
  })
})

describe('links by name', () => {
  const text = (count: number) => `[a]: x/${'y'.repeat(10_000)}\n\n${'[a] ![a]\n\n'.repeat(count)}`

  it('repeat their address up to a limit', () => {
    expect(htmlOf(text(2))).toContain('y'.repeat(10_000))
    expect(() => htmlOf(text(250))).toThrow(
      /5001000 characters in the addresses of its links; the maximum is 4000000/,
    )
  })
})

describe('tables and code', () => {
  const table = '| A | B |\n| - | -: |\n| x | 2 |\n| y | 10 |\n| z | n<5 |'

  it('align numbers, scroll inside themselves, and hold what their rows are sorted by', () => {
    const html = htmlOf(table)
    expect(html).toContain('<div class="table" role="group" tabindex="0" aria-label="Table 1">')
    expect(html).toContain('<table data-sortable="">')
    expect(html).toContain('<td class="number" data-value="10">10</td>')
    expect(html).toContain('<td class="number">n&#x3C;5</td>')
    expect(html).not.toContain('align=')
  })

  it('do not sort two rows', () => {
    expect(htmlOf('| A |\n| - |\n| 1 |\n| 2 |')).not.toContain('data-sortable')
  })

  it('keep the units of a column apart', () => {
    const html = htmlOf('| A |\n| - |\n| 1 ms |\n| 2% |\n| 3 ms |')
    expect(html).toContain('<td data-value="1" data-unit="0">')
    expect(html).toContain('<td data-value="2" data-unit="1">')
  })

  it('show what a diff adds and removes', () => {
    const html = htmlOf('```diff\n a\n-b <c>\n+d\n```')
    expect(html).toContain(
      '<code class="language-diff"> a\n<del>-b &#x3C;c>\n</del><ins>+d\n</ins></code>',
    )
  })
})

it('lists the sections of a report with targets that links can name', () => {
  const { title, sections } = reportBody(
    '# T\n\n## 结论 与\n\n## Same\n\n## Same',
    alone,
    pageWords(),
  )
  expect(title).toBe('T')
  expect(sections).toEqual([
    { id: '结论-与', title: '结论 与' },
    { id: 'same', title: 'Same' },
    { id: 'same-1', title: 'Same' },
  ])
})
