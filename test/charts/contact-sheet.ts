/**
 * `npm run contact-sheet [FILE]` writes a page with every expected chart, light and dark, and as wide as on a phone, to
 * look at them side by side. By default the page is charts.html in the folder for temporary files.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { globbySync } from 'globby'

const files = globbySync('test/{golden/*/charts,charts/expected}/*.svg').toSorted()

function picture(file: string, scheme: string, width: number): string {
  const data = readFileSync(file).toString('base64')
  return `<figure style="color-scheme:${scheme}"><img width="${width}" src="data:image/svg+xml;base64,${data}" alt=""></figure>`
}

const sections = files.map(
  (file) =>
    `<h2>${file}</h2><div>${picture(file, 'light', 560)}${picture(file, 'dark', 560)}${picture(file, 'light', 358)}</div>`,
)
const style =
  'body{font-family:sans-serif;background:#bbb}div{display:flex;gap:12px;align-items:start}figure{margin:0}'
const target = process.argv[2] ?? path.join(tmpdir(), 'charts.html')
writeFileSync(
  target,
  `<!doctype html><meta charset="utf-8"><style>${style}</style>${sections.join('')}`,
)
console.log(target)
