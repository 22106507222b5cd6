/** Settings before and after a change, as the lines of a diff. Knows nothing of configs and targets. */
import type { Setting } from '../diagnosis/fix.ts'

type Lines = readonly string[]
type ByName = ReadonlyMap<string, Lines>

/** The settings below one heading, by name, before and after a change. */
export interface Section {
  /** The line above them; empty if they need none. */
  readonly head: Lines
  readonly before: ByName
  readonly after: ByName
  /** Why a setting is removed; empty if nothing is known. */
  readonly comment: (name: string) => string
}

/**
 * The section with some settings changed. Changed settings keep their place; new ones come last.
 * @param lines the lines of each setting before the change
 * @param write the lines of a setting with a new value
 */
export function withSettings(
  head: Lines,
  lines: readonly (readonly [name: string, lines: Lines])[],
  settings: readonly Setting[],
  write: (name: string, value: NonNullable<Setting['value']>) => Lines,
  comment: Section['comment'] = () => '',
): Section {
  const before = new Map(lines)
  const after = new Map(before)
  for (const { name, value } of settings) {
    if (value === undefined) after.delete(name)
    else after.set(name, write(name, value))
  }
  return { head, before, after, comment }
}

export function isChanged({ before, after }: Section): boolean {
  const textOf = (section: ByName) => JSON.stringify([...section])
  return textOf(before) !== textOf(after)
}

/** The head and the changed settings of a section as the lines of a diff, each between its neighbours. */
export function diffLines({ head, before, after, comment }: Section): Lines {
  const names = [...new Set([...before.keys(), ...after.keys()])]
  const settings = names.map((name) => {
    const [old, now] = [before.get(name) ?? [], after.get(name) ?? []]
    if (old.join('\n') === now.join('\n')) return { isChanged: false, lines: prefixLines(' ', old) }
    const reason = now.length === 0 ? comment(name) : ''
    const explained = reason === '' ? old : old.map((line) => `${line}  # ${reason}`)
    return { isChanged: true, lines: [...prefixLines('-', explained), ...prefixLines('+', now)] }
  })
  const isNear = (index: number) =>
    settings.slice(Math.max(0, index - 1), index + 2).some((each) => each.isChanged)
  return [
    ...prefixLines(' ', head),
    ...settings.flatMap(({ lines }, index) => (isNear(index) ? lines : [])),
  ]
}

function prefixLines(sign: string, lines: Lines): Lines {
  return lines.map((line) => sign + line)
}
