/**
 * `npm run generate`: writes the source files that are derived from the folder `templates/`, which are the list of
 * locales and the ids of words with the values that each word may name. With `--check`, it writes nothing and fails if
 * a file is stale.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TemplateFile } from './templates.ts'
import { wordParametersOf } from './word-file.ts'

/** The locale whose files declare the words. */
const declaringLocale = 'en'
/** The locale of experiments without `locale`; first in the list. */
const defaultLocale = 'zh-CN'

const root = path.join(import.meta.dirname, '../..')
const notice = '// Generated from the folder `templates/` by `npm run generate`. Do not edit.\n'

function localesFile(): string {
  const folders = readdirSync(path.join(root, 'templates'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== defaultLocale)
    .map(({ name }) => name)
    .sort()
  return `${notice}
/** The languages that a report can be written in; the first is the default. */
export const locales = ${list([defaultLocale, ...folders])} as const

/** A language that a report can be written in. */
export type Locale = (typeof locales)[number]
`
}

function wordsFile(): string {
  const folder = path.join(root, 'templates', declaringLocale)
  const names = readdirSync(folder).sort()
  const files = names
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({
      file: `templates/${declaringLocale}/${name}`,
      name: name.slice(0, -'.yaml'.length),
      text: readFileSync(path.join(folder, name), 'utf8'),
    }))
  return `${notice}
/** The files of each locale's folder. */
export const templateNames = [
${names.map((name) => `  ${quote(name)},\n`).join('')}] as const

/** The first line of each file of words: what the words are for. */
export const wordFileTitles = {
${files.map((file) => `  ${quote(file.name)}: ${quote(titleOf(file))},\n`).join('')}} as const

/** The words of each file with the values that they may name. */
export const wordParameters = {
${files.map((file) => `  ${quote(file.name)}: {\n${wordLines(file)}  },\n`).join('')}} as const
`
}

function titleOf({ file, text }: TemplateFile): string {
  const [, title] = /^# (.+)\n/.exec(text) ?? []
  if (title === undefined) throw new Error(`${file} needs a first line: # What the words are for.`)
  return title
}

function wordLines(file: TemplateFile): string {
  return Object.entries(wordParametersOf(file))
    .map(([id, names]) => `    ${quote(id)}: ${list(names)},\n`)
    .join('')
}

function list(texts: readonly string[]): string {
  return `[${texts.map(quote).join(', ')}]`
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`
}

const outputs = [
  { file: 'src/format/locales.generated.ts', text: localesFile() },
  { file: 'src/templates/words.generated.ts', text: wordsFile() },
]
const isCheck = process.argv.includes('--check')
for (const { file, text } of outputs) {
  if (!isCheck) writeFileSync(path.join(root, file), text)
  else if (readFileSync(path.join(root, file), 'utf8') !== text) {
    console.error(`${file} is stale: run npm run generate`)
    process.exitCode = 1
  }
}
