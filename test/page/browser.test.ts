/** The site of this repository's own notebook, in a real browser. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { findChromium, launch, visit, type Reader } from '../support/browser.ts'
import { memoryIo } from '../support/memory-io.ts'

const program = findChromium()
const repository = path.resolve('.')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const wide: Reader = { width: 1280, colorScheme: 'light' }
/** Each width and each theme once: layout does not depend on the theme, nor contrast on the width. */
const readers: readonly Reader[] = [{ width: 390, colorScheme: 'dark' }, wide]

/** A picture as large as those of reports, in Chinese, with a colour for each theme. */
const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 200"><style>text{fill:#111}@media(prefers-color-scheme:dark){text{fill:#eee}}</style><text x="9" y="30">平均延迟</text></svg>`

let root: string
let site: string
let browser: Browser

/** The pages of the site. */
let pages: readonly string[]

beforeAll(async () => {
  if (program === undefined) return
  root = mkdtempSync(path.join(tmpdir(), 'exp-browser-'))
  for (const folder of ['experiments', 'reports'])
    cpSync(path.join(repository, folder), path.join(root, folder), { recursive: true })
  const report = path.join(root, 'reports/docker-vs-native/README.md')
  const text = readFileSync(report, 'utf8')
  writeFileSync(path.join(root, 'reports/docker-vs-native/own.svg'), picture)
  writeFileSync(report, text.replace('\n## ', '\n![平均延迟：5 s](own.svg)\n\n## '))
  const io = memoryIo(root)
  expect(await runCommandLine(['site', '--out', 'site'], io), io.err()).toBe(0)
  site = path.join(root, 'site')
  const names = readdirSync(site, { recursive: true }).map(String)
  pages = names.filter((name) => name.endsWith('.html')).sort()
  browser = await launch(program)
})

afterAll(async () => {
  if (program === undefined) return
  await browser.close()
  rmSync(root, { recursive: true })
})

const addressOf = (page: string) => pathToFileURL(path.join(site, page)).href

const open = async (page: string, reader: Reader = wide) =>
  (await visit(browser, addressOf(page), reader)).page

/** The texts of a column of the first table that can be sorted. */
const column = (page: Page, number: number) =>
  page
    .locator('table[data-sortable] >> nth=0')
    .locator(`tbody tr > :nth-child(${number})`)
    .allInnerTexts()

describe.skipIf(program === undefined)('the site (skipped without Chromium)', () => {
  it('has an index and the reports in both languages, and compares versions', () => {
    expect(pages).toEqual(
      expect.arrayContaining([
        'index.html',
        'index.en.html',
        'docker-vs-native/index.html',
        'docker-vs-native/index.en.html',
        'docker-opt/v1.0.html',
        'docker-opt/versions.html',
        'docker-opt/versions.en.html',
      ]),
    )
    for (const page of pages) {
      const withoutPictures = readFileSync(path.join(site, page), 'utf8').replace(
        /data:image[^"]*/g,
        '',
      )
      expect(Buffer.byteLength(withoutPictures)).toBeLessThan(300_000)
    }
  })

  it.each(readers)(
    'logs no error, loads nothing, fits the screen, and has no serious accessibility fault: %o',
    async (reader) => {
      for (const name of pages) {
        const { page, requests, complaints } = await visit(browser, addressOf(name), reader)
        expect({ name, requests, complaints }).toEqual({ name, requests: [], complaints: [] })
        expect(await overflowOf(page), name).toBeLessThanOrEqual(0)
        expect({ name, faults: await faultsOf(page) }).toEqual({ name, faults: [] })
        await page.close()
      }
    },
  )

  it('has links only to pages and places that exist', async () => {
    for (const name of pages) {
      const page = await open(name)
      const links = await page
        .locator('a[href]')
        .evaluateAll((all) =>
          all.map((link) => (link as unknown as { readonly href: string }).href),
        )
      for (const link of links.filter((one) => one.startsWith('file:'))) {
        const url = new URL(link)
        const file = path.relative(site, decodeURIComponent(url.pathname))
        expect(pages, `${name}: ${link}`).toContain(file)
        const id = decodeURIComponent(url.hash.slice(1))
        if (id !== '' && file === name)
          expect(await page.locator(`[id="${id}"]`).count(), `${name}: ${link}`).toBe(1)
      }
      await page.close()
    }
  })

  it('sorts tables by number with the keyboard, says so, and restores their order', async () => {
    const page = await open('docker-vs-native/index.en.html')
    const table = page.locator('table[data-sortable]', { hasText: 'Mean response time' })
    const cells = () => table.locator('tbody tr > :nth-child(2)').allInnerTexts()
    const header = table.locator('thead th').nth(1)
    const before = await cells()
    const numbers = before.map((text) => Number(text.replaceAll(',', '')))
    const ascending = numbers.toSorted((a, b) => a - b)
    expect(numbers).not.toEqual(ascending)
    await header.getByRole('button').focus()
    await page.keyboard.press('Enter')
    expect(await header.getAttribute('aria-sort')).toBe('ascending')
    expect((await cells()).map((text) => Number(text.replaceAll(',', '')))).toEqual(ascending)
    await page.keyboard.press('Space')
    expect(await header.getAttribute('aria-sort')).toBe('descending')
    expect((await cells()).map((text) => Number(text.replaceAll(',', '')))).toEqual(
      ascending.toReversed(),
    )
    await page.keyboard.press('Enter')
    expect(await header.getAttribute('aria-sort')).toBeNull()
    expect(await cells()).toEqual(before)
    await page.close()
  })

  it('finds experiments by their words', async () => {
    const page = await open('index.html')
    const search = page.getByRole('searchbox')
    const rows = page.locator('.index tbody tr:visible')
    const all = await rows.count()
    expect(all).toBeGreaterThan(2)
    await search.fill('smollm2 DOCKER linux')
    expect(await rows.count()).toBe(1)
    expect(await page.locator('.search output').innerText()).toContain(`1 / ${all}`)
    await search.fill('no such experiment')
    expect(await rows.count()).toBe(0)
    await search.fill('')
    expect(await rows.count()).toBe(all)
    await page.close()
  })

  it('sorts the index by date', async () => {
    const page = await open('index.html')
    await page.getByRole('button', { name: '日期' }).click()
    // an experiment without results has no date, and comes last
    const cells = await column(page, 6)
    const dates = cells.filter((cell) => cell !== '')
    expect(dates).toEqual(dates.toSorted())
    expect(cells.slice(0, dates.length)).toEqual(dates)
    expect(new Set(dates).size).toBeGreaterThan(1)
    await page.close()
  })

  it('shows Chinese, not boxes', async () => {
    const page = await open('docker-vs-native/index.html')
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
    // Glyphs of different characters differ; a font without them draws the same box for each.
    const [text, boxes] = await page.evaluate(drawings, ['本机容器', '\u{10FFFD}\u{10FFFC}'])
    expect(new Set(text).size).toBe(4)
    for (const drawing of text ?? []) expect(boxes).not.toContain(drawing)
    await page.close()
  })

  it.each(['light', 'dark'] as const)(
    'shows pictures, drawn for the %s theme',
    async (colorScheme) => {
      const page = await open('docker-vs-native/index.html', { width: 390, colorScheme })
      const image = page.locator('img.picture[alt="平均延迟：5 s"]')
      expect(await image.count()).toBe(1)
      expect(
        await image.evaluate((one) => (one as unknown as { naturalWidth: number }).naturalWidth),
      ).toBeGreaterThan(0)
      expect((await image.boundingBox())?.width).toBeLessThanOrEqual(390)
      await page.close()
    },
  )

  it('shows the value of a shape to readers who point at it, in the colours of the theme', async () => {
    const page = await open('docker-vs-native/index.en.html', { width: 1280, colorScheme: 'dark' })
    const charts = page.locator('svg.exp-chart')
    expect(await charts.count()).toBeGreaterThan(4)
    expect(await charts.first().locator('title').first().textContent()).toMatch(/^Wait [\d,]+ ms$/)
    const background = charts.first().locator('rect').first()
    expect(await background.evaluate(fillOf)).not.toBe('rgb(255, 255, 255)')
    await page.close()
  })

  it('unfolds everything when it is printed, and what a link leads to', async () => {
    const page = await open('docker-vs-native/index.en.html')
    const folded = page.locator('main details:not([open])')
    expect(await folded.count()).toBeGreaterThan(5)
    await page.evaluate('dispatchEvent(new Event("beforeprint"))')
    expect(await folded.count()).toBe(0)
    await page.evaluate('dispatchEvent(new Event("afterprint"))')
    expect(await folded.count()).toBeGreaterThan(5)
    const inFold = page.locator('main details [id]').first()
    const id = (await inFold.getAttribute('id')) ?? ''
    expect(await inFold.isVisible()).toBe(false)
    await page.goto(`${addressOf('docker-vs-native/index.en.html')}#${id}`)
    await expect.poll(() => inFold.isVisible()).toBe(true)
    await page.close()
  })

  it('can be read without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(addressOf('index.html'))
    expect(await page.getByRole('link', { name: /Docker 容器中的 Ollama/ }).isVisible()).toBe(true)
    expect(await page.locator('.search').isVisible()).toBe(false)
    await context.close()
  })

  it('runs no script of a picture or a report, whatever they contain', async () => {
    const { page, complaints, requests } = await visit(browser, addressOf('index.html'), wide)
    await page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: { body: { insertAdjacentHTML: (where: string, html: string) => void } }
      }
      document.body.insertAdjacentHTML(
        'beforeend',
        '<img src="https://tracker.example/x.png" onerror="globalThis.ran = true"><iframe src="https://tracker.example/"></iframe>',
      )
    })
    await expect.poll(() => complaints.length).toBeGreaterThanOrEqual(2)
    expect(complaints.every((text) => text.includes('Content Security Policy'))).toBe(true)
    expect(requests.filter((url) => !url.startsWith('https://tracker.example/'))).toEqual([])
    expect(await page.evaluate('globalThis.ran')).toBeUndefined()
    await page.close()
  })
})

/** How much wider than the screen a page is, in pixels. */
function overflowOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth')
}

/** The serious faults that axe finds, each with its first place. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  const { violations } = await page.evaluate<Pick<AxeResults, 'violations'>>(
    'axe.run({ resultTypes: ["violations"] })',
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''} ${nodes[0]?.failureSummary ?? ''}`)
}

/** Runs in the page: what each character of each text looks like in the page's font. */
function drawings(texts: readonly string[]): readonly (readonly string[])[] {
  const { document, getComputedStyle } = globalThis as unknown as {
    readonly document: {
      readonly body: unknown
      readonly createElement: (name: 'canvas') => {
        width: number
        readonly getContext: (kind: '2d') => {
          font: string
          readonly fillText: (text: string, x: number, y: number) => void
        }
        readonly toDataURL: () => string
      }
    }
    readonly getComputedStyle: (element: unknown) => { readonly font: string }
  }
  const draw = (character: string): string => {
    const canvas = document.createElement('canvas')
    canvas.width = 40
    const context = canvas.getContext('2d')
    context.font = getComputedStyle(document.body).font
    context.fillText(character, 4, 24)
    return canvas.toDataURL()
  }
  return texts.map((text) => Array.from(text, draw))
}

/** Runs in the page. */
function fillOf(element: unknown): string {
  const { getComputedStyle } = globalThis as unknown as {
    getComputedStyle: (one: unknown) => { readonly fill: string }
  }
  return getComputedStyle(element).fill
}
