/** Reads the style and the script of pages, which come with the package. A project cannot replace them. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { PageAssets } from './page.ts'

export function readAssets(): PageAssets {
  const read = (name: string) =>
    readFileSync(path.join(import.meta.dirname, '../../templates', name), 'utf8')
  return { style: read('page.css'), script: read('page.mjs') }
}
