import type { Locale } from '../format/locales.generated.ts'
import { openNotebook, type Notebook } from '../notebook/notebook.ts'
import { Renderer } from '../notebook/renderer.ts'
import { readWords } from '../templates/words.ts'
import { readAssets } from './assets.ts'
import type { PageAssets } from './page.ts'
import type { PageWords } from './report-body.ts'

/** What all pages of a project share. */
export interface PageContext {
  readonly root: string
  readonly notebook: Notebook
  readonly renderer: Renderer
  readonly assets: PageAssets
  readonly wordsOf: (locale: Locale) => PageWords
  /** Where the files of the project are for the readers, as an address; absent if they have only the pages. */
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
