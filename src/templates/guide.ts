/** Writes the guide to templates from the declarations that templates are checked against. */
import { helpers } from './check-template.ts'
import type { Shape } from './shape.ts'
import type { WordParameters } from './word-file.ts'
import { templateNames, wordFileTitles, wordParameters } from './words.generated.ts'

/** The text of `templates/README.md`. @param shape the values that `report.hbs` may name */
export function templateGuide(shape: Shape): string {
  return `# Templates

The prose and the structure of reports, one folder for each language, in [Handlebars](https://handlebarsjs.com/guide/). To change a file, copy it to \`templates/<locale>/\` of your own project and edit the copy: it replaces the file that comes with \`exp\`. \`exp report --templates DIR\` uses the files of another folder.

This page is generated from the code; a test fails if it is out of date.

## Files

${templateNames.map((name) => `- \`${name}\``).join('\n')}

\`report.hbs\` is the root. It includes the other templates by their names without the ending: \`{{> conclusion}}\`. The \`.yaml\` files hold the short texts.

## Rules

- A name that does not exist is an error, even in \`{{#if}}\` and \`{{#each}}\`. The message shows the file, the line and the nearest known name.
- The blocks are \`{{#if}}\`, \`{{#unless}}\`, \`{{#each}}\` and \`{{#with}}\`, with \`{{else}}\`. The only helper is \`${Object.keys(helpers).join('`, `')}\`: \`{{plural rounds "round" "rounds"}}\`.
- A *text* is escaped, so that readers see exactly its characters. Do not put it into backticks.
- *Markdown* is a table, a code block or a line that \`exp\` makes from data. A table or a code block needs a line of its own, with blank lines around it.
- A *flag* is for \`{{#if}}\`. An *optional* value may be absent: \`{{#if}}\` and \`{{#with}}\` then skip it.
- Lines \`<!-- exp:keep NAME -->\` and \`<!-- exp:end NAME -->\` enclose a block that belongs to people. The text between them in the template is the initial content of the block.
- If a report shows results of the embedded engine in place of the real servers, a note says so before the template's text. No template can remove it.

## Values

${fields(shape, 0).join('\n')}

## Words

The short texts of the \`.yaml\` files, with the values that each may name.

${Object.entries(wordParameters)
  .map(([file, words]) => wordFile(file, words))
  .join('\n\n')}
`
}

function wordFile(file: string, words: WordParameters): string {
  const rows = Object.entries(words).map(
    ([id, values]) => `| \`${id}\` | ${values.map((name) => `\`{{${name}}}\``).join(' ')} |`,
  )
  // A table, because the parser of Markdown reads each of its rows on its own.
  const table = ['| Word | Values |', '| - | - |', ...rows].map((row) => row.replace('|  |', '| |'))
  return `### ${file}.yaml\n\n${titles[file] ?? ''}\n\n${table.join('\n')}`
}

const titles: Readonly<Record<string, string>> = wordFileTitles

function fields(shape: Shape, depth: number): readonly string[] {
  if (shape.kind === 'optional') return fields(shape.of, depth)
  if (shape.kind === 'list') return fields(shape.item, depth)
  if (shape.kind !== 'group') return []
  return Object.entries(shape.fields).flatMap(([name, field]) => [
    `${'  '.repeat(depth)}- \`${name}\` (${kindOf(field)}): ${field.description}${itemOf(field)}`,
    ...fields(field, depth + 1),
  ])
}

function kindOf(shape: Shape): string {
  if (shape.kind === 'optional') return `${kindOf(shape.of)}, optional`
  if (shape.kind === 'list')
    return shape.item.kind === 'group' ? 'list' : `list of ${shape.item.kind}`
  return shape.kind
}

/** The description of a list's entries. */
function itemOf(shape: Shape): string {
  return shape.kind === 'list' ? ` Each: ${shape.item.description}` : ''
}
