/** The guide to templates, made from the declarations that templates are held to. */
import { helpers } from './check-template.ts'
import type { Shape } from './shape.ts'
import type { WordParameters } from './word-file.ts'
import { templateNames, wordFileTitles, wordParameters } from './words.generated.ts'

/** The text of `templates/README.md`, for templates that may name values of `reportShape`. */
export function templateGuide(reportShape: Shape): string {
  return `# Templates

The prose and the structure of reports, one folder a language, in [Handlebars](https://handlebarsjs.com/guide/). To change one, copy it to \`templates/<locale>/\` of your own project and edit it there: your file takes the place of the one that comes with \`exp\`, file by file. \`exp report --templates DIR\` takes them from elsewhere.

This page is generated from the code (\`src/report/view.ts\`, \`src/templates/words.generated.ts\`); a test holds it to that.

## Files

${templateNames.map((name) => `- \`${name}\``).join('\n')}

\`report.hbs\` is the root; the others are its parts, named without their ending: \`{{> conclusion}}\`. \`words.yaml\` and \`causes.yaml\` hold the short texts.

## Rules

- A name that does not exist is an error, in \`{{#if}}\` and \`{{#each}}\` too; it says the file, the line and the nearest name.
- \`{{#if}}\`, \`{{#unless}}\`, \`{{#each}}\` and \`{{#with}}\` are there, with \`{{else}}\`, and one helper: \`${Object.keys(helpers).join('`, `')}\`, as in \`{{plural rounds "round" "rounds"}}\`.
- A *text* is escaped: whatever stands in it is shown as it is. Do not put one into backticks.
- *Markdown* is a table, a code block or a line made from data. A table and a code block need a line of their own, with blank lines around.
- A *flag* is for \`{{#if}}\`. What is *optional* may be absent: \`{{#if}}\` and \`{{#with}}\` skip it.
- Lines \`<!-- exp:keep NAME -->\` and \`<!-- exp:end NAME -->\` make a block that belongs to people; what stands between them in the template is its first text.
- The note that a report rests on stand-in results comes before any template.

## Values

${fields(reportShape, 0).join('\n')}

## Words

The short texts of the \`.yaml\` files, each with the values that it may name.

${Object.entries(wordParameters)
  .map(([file, words]) => wordFile(file, words))
  .join('\n\n')}
`
}

function wordFile(file: string, words: WordParameters): string {
  const lines = Object.entries(words).map(
    ([id, values]) => `- \`${id}\`${values.map((name) => ` \`{{${name}}}\``).join('')}`,
  )
  return `### ${file}.yaml\n\n${titles[file] ?? ''}\n\n${lines.join('\n')}`
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

/** What each entry of a list is, where the list's own description does not say it. */
function itemOf(shape: Shape): string {
  return shape.kind === 'list' ? ` Each: ${shape.item.description}` : ''
}
