/** Writes an experiment file as YAML: its first lines, comments, and the layout of its values. */
import {
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
  Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  visit,
} from 'yaml'
import { writtenConfig, writtenExperiment } from './schema/written-experiment.ts'
import type { Path } from './source/source.ts'

export interface YamlLayout {
  /** Comments at the top of the file, each on a line of its own. */
  readonly header?: readonly string[]
  /** Comments above keys. Several comments of one key keep this order. */
  readonly comments?: readonly { readonly path: Path; readonly text: string }[]
  /** True to write short mappings and lists on one line, and a blank line before each commented top-level key. */
  readonly isCompact?: boolean
}

/**
 * YAML with a first line that tells editors where the schema is.
 * @param written an experiment as a file has it, which may have problems
 */
export function yamlText(written: object, layout: YamlLayout = {}): string {
  const { header = [], comments = [], isCompact = false } = layout
  const document = new Document(written, { aliasDuplicateObjects: false })
  for (const { path, text } of comments) {
    const key = keyNode(document, path)
    if (key === undefined) continue
    key.commentBefore = [...(key.commentBefore?.split('\n') ?? []), ` ${text}`].join('\n')
    if (isCompact && path.length === 1) key.spaceBefore = true
  }
  if (isCompact) visit(document, { Collection: compact })
  const lines = ['yaml-language-server: $schema=./experiment.schema.json', ...header]
  const yaml = document.toString({ lineWidth: 0, flowCollectionPadding: false })
  return `${lines.map((line) => `# ${line}\n`).join('')}${header.length === 0 ? '' : '\n'}${yaml}`
}

const maxCompactLength = 70

/**
 * Writes a collection on one line if it is short and no key in it has a comment. The top-level mapping is never written
 * on one line.
 */
function compact(_: unknown, node: YAMLMap | YAMLSeq, path: readonly unknown[]): void {
  node.flow =
    path.length > 2 && !hasComment(node) && JSON.stringify(node).length <= maxCompactLength
}

function hasComment(node: unknown): boolean {
  if (isPair(node))
    return (isScalar(node.key) && node.key.commentBefore !== undefined) || hasComment(node.value)
  return (isMap(node) || isSeq(node)) && node.items.some(hasComment)
}

function keyNode(document: Document, path: Path): Scalar | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
    : undefined
  return isScalar(pair?.key) ? pair.key : undefined
}

/** An experiment with its keys, and those of its configs, in the order of the schema. */
export function inFileOrder(
  written: Readonly<Record<string, unknown>> & {
    readonly configs: Readonly<Record<string, object>>
  },
): object {
  const configs = Object.entries(written.configs).map(([key, config]) => [
    key,
    ordered({ ...config }, Object.keys(writtenConfig.shape)),
  ])
  const all = { ...written, configs: Object.fromEntries(configs) as object }
  return ordered(all, Object.keys(writtenExperiment.shape))
}

function ordered(values: Readonly<Record<string, unknown>>, keys: readonly string[]): object {
  return Object.fromEntries(
    keys.filter((key) => values[key] !== undefined).map((key) => [key, values[key]]),
  )
}
