/**
 * Reads the Modelfile that `/api/show` returns. Ollama writes each command on a line of its own, and a value with line
 * breaks between one or three quotation marks (`parser/parser.go`). Pure.
 */
import { jsonDigest } from '../json/json.ts'
import { fileName } from './runner-command.ts'

/** A command with its value as written, which may have several lines. */
interface Command {
  readonly name: string
  readonly value: string
}

export interface ModelContent {
  /**
   * `sha256:…` of everything that the model is made of, except its parameters and its licence: the digests of weights
   * and adapters, template, system text, messages.
   */
  readonly digest: string
  /** `num_ctx 4096; stop "</s>"`, in alphabetical order; `none` if there are none. */
  readonly parameters: string
}

/** Undefined if the Modelfile names no file of weights by its digest. */
export function modelContent(modelfile: string): ModelContent | undefined {
  const commands = commandsOf(modelfile)
  const isWeights = ({ name, value }: Command) => name === 'FROM' && /sha256[-:]/.test(value)
  if (!commands.some(isWeights)) return undefined
  const parameters = commands
    .filter(({ name }) => name === 'PARAMETER')
    .map(({ value }) => value.replaceAll('\n', String.raw`\n`))
    .toSorted()
  return {
    digest: jsonDigest(
      commands
        .filter(({ name }) => name !== 'PARAMETER' && name !== 'LICENSE')
        .map(({ name, value }) => [name, isPath(name) ? fileName(value) : value]),
    ),
    parameters: parameters.length === 0 ? 'none' : parameters.join('; '),
  }
}

/** True for commands whose value is the path of a file. The file's name contains its digest. */
function isPath(name: string): boolean {
  return name === 'FROM' || name === 'ADAPTER'
}

function commandsOf(modelfile: string): readonly Command[] {
  const lines = modelfile.split(/\r?\n/)
  const commands: Command[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const [, name, first] = /^([A-Za-z]+)\s+(.*)$/.exec(lines[at] ?? '') ?? []
    if (name === undefined || first === undefined) continue
    const value = [first]
    while (isOpen(value) && at + 1 < lines.length) {
      at += 1
      value.push(lines[at] ?? '')
    }
    commands.push({ name: name.toUpperCase(), value: value.join('\n').trimEnd() })
  }
  return commands
}

/**
 * True if the value begins with quotation marks that do not close on these lines. The value of a `PARAMETER` begins
 * with the parameter's name.
 */
function isOpen(lines: readonly string[]): boolean {
  const text = lines.join('\n').trimEnd()
  const [, mark] = /^(?:\w+ )?("""|")/.exec(text) ?? []
  if (mark === undefined) return false
  const start = text.indexOf(mark) + mark.length
  return text.length < start + mark.length || !text.endsWith(mark)
}
