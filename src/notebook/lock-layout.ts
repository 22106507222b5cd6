/**
 * Writes a lock as JSON with one line for each config, hypothesis, chart and stored result, so that diffs are short and
 * easy to read. Affects only white space and the order of keys.
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

/** The text of a lock. The seal is on the second line, and all plain values are on the third. */
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

/** Writes each entry of a listed object on its own line. Any other value is one line, with its listed parts last. */
function valueText(name: string, value: unknown, indent: string): string {
  if (!isObject(value) || Array.isArray(value)) return JSON.stringify(value)
  const entries = name === 'claims' ? inNaturalOrder(entriesOf(value)) : entriesOf(value)
  if (entries.length > 0 && listed.has(name)) {
    const inner = `${indent}  `
    // An entry's key can equal the name of a list, but must not be treated as one: hence the empty name.
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
 * Sorts more than nine entries by the numbers in their names, so that H10 comes after H9. Fewer entries keep their
 * order, as in locks of older programs.
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
