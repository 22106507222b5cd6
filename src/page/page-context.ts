import { readFileSync } from 'node:fs'
import path from 'node:path'
import { darkStyle } from '../charts/card.ts'
import type { Locale } from '../format/locales.generated.ts'
import { openNotebook, type Notebook } from '../notebook/notebook.ts'
import { Renderer } from '../notebook/renderer.ts'
import { readWords } from '../templates/words.ts'
import type { PageAssets } from './page.ts'
import type { PageWords } from './report-body.ts'

/** What all pages of a project share. */
export interface PageContext {
  readonly root: string
  readonly notebook: Notebook
  readonly renderer: Renderer
  readonly assets: PageAssets
  readonly wordsOf: (locale: Locale) => PageWords
  /** The address at which readers find the files of the project; absent if they have only the pages. */
  readonly source?: string
}

export function pageContext(root: string, source?: string): PageContext {
  const renderer = new Renderer(root, undefined)
  return {
    root,
    notebook: openNotebook({ root }),
    renderer,
    assets: readAssets(),
    wordsOf: (locale) => readWords(renderer.templatesOf(locale), 'page'),
    ...(source !== undefined && { source }),
  }
}

/** Reads the style and the script of pages, which come with the package. A project cannot replace them. */
function readAssets(): PageAssets {
  const read = (name: string) =>
    readFileSync(path.join(import.meta.dirname, '../../templates', name), 'utf8')
  return { style: read('page.css') + darkStyle, script: read('page.mjs') }
}
