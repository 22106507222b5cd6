/** Reads the file that `--prompts` names, which becomes the dataset of a new experiment. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'
import { quoted } from '../../errors/quote.ts'
import { limits } from '../../errors/limits.ts'
import { textOf } from '../../files/read-files.ts'
import { isSamplesFile, readSamplesFile } from '../../experiment/source/samples-file.ts'
import type { Prompts } from '../../setup/choices.ts'
import type { Io } from '../io.ts'

export interface PromptsFile {
  readonly prompts: Prompts & { readonly kind: 'file' }
  /** The path of its copy, relative to the project. */
  readonly copy: string
  readonly bytes: Buffer
  /** In bytes. */
  readonly longestPrompt: number
}

/** @throws ExpError `invalid-input` if the file does not exist, or its samples cannot be read */
export async function readPromptsFile(file: string, io: Io): Promise<PromptsFile> {
  const name = basename(file)
  if (!isSamplesFile(name))
    throw new ExpError(
      'invalid-input',
      `${quoted(file)} is not a file of prompts`,
      'Name a text file with a prompt on each line (.txt), JSON lines (.jsonl) or a CSV with a header (.csv).',
    )
  const path = resolve(io.cwd, file)
  if (!existsSync(path))
    throw new ExpError('invalid-input', `there is no file ${quoted(file)}`, 'Correct the path.')
  const bytes = await readFile(path)
  const read = textOf(bytes)
  if ('failure' in read)
    throw new ExpError('invalid-input', `${quoted(file)} cannot be read: ${read.failure}`)
  const { source, problems } = readSamplesFile(file, read.text, limits.dataset)
  const [problem] = problems
  if (source === undefined || problem !== undefined)
    throw new ExpError(
      'invalid-input',
      problem === undefined
        ? `${quoted(file)} has no samples`
        : `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`,
      problem?.hint,
    )
  const dataset = `datasets/${name}`
  const field = promptField(source.keys(['samples', 0]), file)
  return {
    prompts: { kind: 'file', file: dataset, field },
    copy: `experiments/${dataset}`,
    bytes,
    longestPrompt: longestText(source.value, field),
  }
}

const samplesSchema = z.object({ samples: z.array(z.record(z.string(), z.unknown())) })

function longestText(dataset: unknown, field: string): number {
  const samples = samplesSchema.safeParse(dataset).data?.samples ?? []
  return samples.reduce((most, { [field]: text }) => {
    return Math.max(most, typeof text === 'string' ? Buffer.byteLength(text) : 0)
  }, 0)
}

/** `prompt`, `text`, or else the first field. @throws ExpError `invalid-input` if a prompt cannot name that field */
function promptField(fields: readonly string[], file: string): string {
  const own = fields.filter((field) => field !== 'id' && field !== 'expected')
  const field = ['prompt', 'text'].find((name) => own.includes(name)) ?? own[0]
  if (field !== undefined && /^[A-Za-z_][A-Za-z0-9_-]*$/.test(field)) return field
  throw new ExpError(
    'invalid-input',
    field === undefined
      ? `the samples in ${quoted(file)} have no text`
      : `${quoted(field)} in ${quoted(file)} cannot be the name of a prompt's field`,
    'Call the field `text`.',
  )
}
