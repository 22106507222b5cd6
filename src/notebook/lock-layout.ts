/**
 * Writes a lock as JSON with few lines: one for each config, hypothesis, chart and stored result, so that a re-run
 * changes few lines and each change is easy to place. Only white space and the order of keys depend on the layout.
 */
import { sortKeys } from '../json/json.ts'

/** The lists of a lock whose entries have a line each. */
const listed: ReadonlySet<string> = new Set([
  'charts',
  'claims',
  'configs',
  'results',
  'earlierRuns',
])

/** The text of a lock. Its seal has a line of its own, the second; all plain values share the third. */
export function lockText({ seal, ...lock }: Readonly<Record<string, unknown>>): string {
  const entries = entriesOf(sortKeys(lock))
  const plain = entries.filter(([, value]) => !isObject(value))
  const lines = [
    pair(['seal', seal], ''),
    plain.map((entry) => pair(entry, '  ')).join(', '),
    ...entries.filter(([, value]) => isObject(value)).map((entry) => pair(entry, '  ')),
  ]
  return `{\n${lines.map((line) => `  ${line}`).join(',\n')}\n}\n`
}

function pair([name, value]: readonly [string, unknown], indent: string): string {
  return `${JSON.stringify(name)}: ${valueText(name, value, indent)}`
}

/**
 * The entries of a listed object have lines of their own. Any other value is one line, with its listed parts at the
 * end.
 */
function valueText(name: string, value: unknown, indent: string): string {
  if (!isObject(value) || Array.isArray(value)) return JSON.stringify(value)
  const entries = name === 'claims' ? inNaturalOrder(entriesOf(value)) : entriesOf(value)
  if (entries.length > 0 && listed.has(name)) {
    const inner = `${indent}  `
    // The names of entries are those of configs and files, which say nothing about the layout.
    const lines = entries.map(
      ([key, entry]) => `${inner}${JSON.stringify(key)}: ${valueText('', entry, inner)}`,
    )
    return `{\n${lines.join(',\n')}}`
  }
  const isListed = ([key]: readonly [string, unknown]) => listed.has(key)
  const ordered = [...entries.filter((entry) => !isListed(entry)), ...entries.filter(isListed)]
  return `{${ordered.map((entry) => pair(entry, indent)).join(', ')}}`
}

/**
 * More than nine entries in the order of the numbers in their names, so that H10 comes after H9. Fewer keep their
 * order: that of older programs, which such locks have.
 */
function inNaturalOrder(entries: Entries): Entries {
  const compare = (one: string, other: string) => {
    const [parts, others] = [one, other].map((name) => name.split(/(\d+)/))
    const index = parts?.findIndex((part, place) => part !== others?.[place]) ?? -1
    const [a = '', b = ''] = [parts?.[index], others?.[index]]
    // Odd places hold numbers.
    return (index % 2 === 1 ? Number(a) - Number(b) : 0) || (a < b ? -1 : a > b ? 1 : 0)
  }
  return entries.length > 9 ? entries.toSorted(([a], [b]) => compare(a, b)) : entries
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

type Entries = readonly (readonly [string, unknown])[]

function entriesOf(value: unknown): Entries {
  return isObject(value) ? Object.entries(value).filter(([, each]) => each !== undefined) : []
}
