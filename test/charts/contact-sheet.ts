/**
 * `npm run contact-sheet [FILE]` writes a page with every expected chart and those of simulated experiments with
 * 100,000 requests a config, light and dark, and as wide as on a phone, to look at them side by side. By default the
 * page is charts.html in the folder for temporary files.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { globbySync } from 'globby'
import { drawChart } from '../../src/charts/draw-chart.ts'
import type { Locale } from '../../src/format/locales.generated.ts'
import { chartsOfManyRequests } from './many-requests.ts'

interface Picture {
  readonly name: string
  readonly svg: string
}

const expected = globbySync('test/{golden/*/charts,charts/expected}/*.svg')
  .toSorted()
  .map((file): Picture => ({ name: file, svg: readFileSync(file, 'utf8') }))

async function manyRequests(configs: number, locale: Locale): Promise<readonly Picture[]> {
  const charts = await chartsOfManyRequests(configs, locale)
  return charts.map((chart) => ({
    name: `${chart.kind}, ${configs} configs with 100,000 requests each, ${locale}`,
    svg: drawChart(chart),
  }))
}

function picture(svg: string, scheme: string, width: number): string {
  const data = Buffer.from(svg).toString('base64')
  return `<figure style="color-scheme:${scheme}"><img width="${width}" src="data:image/svg+xml;base64,${data}" alt=""></figure>`
}

const pictures = [
  ...expected,
  ...(await manyRequests(2, 'en')),
  ...(await manyRequests(7, 'zh-CN')),
]
const sections = pictures.map(
  ({ name, svg }) =>
    `<h2>${name}</h2><div>${picture(svg, 'light', 560)}${picture(svg, 'dark', 560)}${picture(svg, 'light', 358)}</div>`,
)
const style =
  'body{font-family:sans-serif;background:#bbb}div{display:flex;gap:12px;align-items:start}figure{margin:0}'
const target = process.argv[2] ?? path.join(tmpdir(), 'charts.html')
writeFileSync(
  target,
  `<!doctype html><meta charset="utf-8"><style>${style}</style>${sections.join('')}`,
)
console.log(target)
