/** The files beside experiments that a project needs: the schema for editors, and how git treats reports. */
import { readFileIfExists } from '../files/read-files.ts'
import { experimentSchemaText } from '../experiment/schema/schema-text.ts'

const schemaFile = 'experiments/experiment.schema.json'
const attributesFile = '.gitattributes'

/** `exp check` compares bytes, so git must not change line ends. GitHub folds generated files in a pull request. */
const attributes = [
  'reports/** -text',
  'reports/*/results/** linguist-generated',
  'reports/*/*.lock.json linguist-generated',
  'reports/*/v*.md linguist-generated',
  'reports/*/charts/** linguist-generated',
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

/** Pages can be public even if their repository is not, so nothing is published unless somebody asks for it. */
const siteWorkflow = `# Publishes the reports as a site on GitHub Pages, which can be public even if the repository is private. So it runs only
# when somebody starts it: Actions, "notebook site", "Run workflow". To publish after each change of main, add below \`on:\`
#   push: {branches: [main], paths: ['reports/**']}
# Before the first time, choose "GitHub Actions" as the source in Settings, Pages.
# This project's package.json must have exp-notebook among its devDependencies.
name: notebook site
on:
  workflow_dispatch:
permissions:
  contents: read
  pages: write
  id-token: write
concurrency:
  group: pages
jobs:
  site:
    runs-on: ubuntu-latest
    environment:
      name: github-pages
      url: \${{ steps.pages.outputs.page_url }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm ci
      - run: npx exp site --out site --source "$SOURCE"
        env:
          SOURCE: \${{ github.server_url }}/\${{ github.repository }}/blob/\${{ github.sha }}
      - uses: actions/upload-pages-artifact@v3
        with:
          path: site
      - id: pages
        uses: actions/deploy-pages@v4
`

/** The workflows that check reports and publish them, by file. */
const workflows: readonly (readonly [file: string, text: string])[] = [
  ['.github/workflows/exp.yaml', workflow],
  ['.github/workflows/exp-site.yaml', siteWorkflow],
]

/**
 * The files with their content, by path relative to the root. Lines that a project has in `.gitattributes` are kept.
 * @param hasWorkflows true to check reports in CI, and to publish them; a workflow that exists is kept
 */
export function projectFiles(root: string, hasWorkflows: boolean): ReadonlyMap<string, Buffer> {
  const files = new Map([
    [schemaFile, experimentSchemaText()],
    [
      attributesFile,
      withAttributes(readFileIfExists(root, attributesFile)?.toString('utf8') ?? ''),
    ],
  ])
  for (const [file, text] of hasWorkflows ? workflows : [])
    if (readFileIfExists(root, file) === undefined) files.set(file, text)
  return new Map([...files].map(([file, text]) => [file, Buffer.from(text)]))
}

function withAttributes(text: string): string {
  const written = new Set(text.split(/\r?\n/).map((line) => line.trim()))
  const missing = attributes.filter((line) => !written.has(line))
  if (missing.length === 0) return text
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return `${start}${missing.join('\n')}\n`
}
