/** The files beside experiments that a project needs: the schema for editors, and how git treats reports. */
import { readFileIfExists } from '../files/read-files.ts'
import { experimentSchemaText } from '../experiment/schema/schema-text.ts'

const schemaFile = 'experiments/experiment.schema.json'
const attributesFile = '.gitattributes'
const workflowFile = '.github/workflows/exp.yaml'

/** `exp check` compares bytes, so git must not change line ends. GitHub folds generated files in a pull request. */
const attributes = [
  'reports/** -text',
  'reports/*/results/** linguist-generated',
  'reports/*/*.lock.json linguist-generated',
  'reports/*/v*.md linguist-generated',
]

const workflow = `# Checks in each pull request that the reports match their results. It needs no Ollama.
# This project's package.json must have exp-notebook among its devDependencies.
name: reports
on: [push, pull_request]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm ci
      - run: npx exp check
`

/**
 * The files with their content, by path relative to the root. Lines that a project has in `.gitattributes` are kept.
 * @param hasWorkflow true to check reports in CI; a workflow that exists is kept
 */
export function projectFiles(root: string, hasWorkflow: boolean): ReadonlyMap<string, Buffer> {
  const files = new Map([
    [schemaFile, experimentSchemaText()],
    [
      attributesFile,
      withAttributes(readFileIfExists(root, attributesFile)?.toString('utf8') ?? ''),
    ],
  ])
  if (hasWorkflow && readFileIfExists(root, workflowFile) === undefined)
    files.set(workflowFile, workflow)
  return new Map([...files].map(([file, text]) => [file, Buffer.from(text)]))
}

function withAttributes(text: string): string {
  const written = new Set(text.split(/\r?\n/).map((line) => line.trim()))
  const missing = attributes.filter((line) => !written.has(line))
  if (missing.length === 0) return text
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return `${start}${missing.join('\n')}\n`
}
