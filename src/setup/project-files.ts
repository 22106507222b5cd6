/**
 * The files that a project needs besides experiments: the schema for editors, the git attributes of reports, and the
 * files that git ignores.
 */
import { readFileIfExists } from '../files/read-files.ts'
import { experimentSchemaText } from '../experiment/schema/schema-text.ts'
import { type Ci, workflowsOf } from './workflows.ts'

const schemaFile = 'experiments/experiment.schema.json'
const attributesFile = '.gitattributes'
const ignoreFile = '.gitignore'

/**
 * `exp check` compares bytes, so git must not convert line endings. GitHub collapses files marked as generated in a
 * pull request.
 */
const attributes = [
  'reports/** -text',
  'reports/*/results/** linguist-generated',
  'reports/*/*.lock.json linguist-generated',
  'reports/*/v*.md linguist-generated',
  'reports/*/charts/** linguist-generated',
]

/** It has the settings of one machine, such as the places of private prompts. */
const ignored = ['exp.local.yaml']

/**
 * The files with their content, by path relative to the root. Lines that a project has in `.gitattributes` and `.gitignore` are kept.
 * @param ci the workflows to write, if any; a workflow that exists is kept
 */
export function projectFiles(root: string, ci?: Ci): ReadonlyMap<string, Buffer> {
  const files = new Map([
    [schemaFile, experimentSchemaText()],
    [attributesFile, withLines(root, attributesFile, attributes)],
    [ignoreFile, withLines(root, ignoreFile, ignored)],
  ])
  for (const [file, text] of ci === undefined ? [] : workflowsOf(ci))
    if (readFileIfExists(root, file) === undefined) files.set(file, text)
  return new Map([...files].map(([file, text]) => [file, Buffer.from(text)]))
}

/** The text of the file, with the missing lines appended. */
function withLines(root: string, file: string, lines: readonly string[]): string {
  const text = readFileIfExists(root, file)?.toString('utf8') ?? ''
  const written = new Set(text.split(/\r?\n/).map((line) => line.trim().replace(/^\//, '')))
  const missing = lines.filter((line) => !written.has(line))
  if (missing.length === 0) return text
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return `${start}${missing.join('\n')}\n`
}
