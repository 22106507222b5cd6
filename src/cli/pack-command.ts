import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import { beyond, limits } from '../errors/limits.ts'
import { codeOf } from '../files/read-files.ts'
import { writeFiles, writeNewFile, type WrittenFile } from '../files/write-files.ts'
import { fileSize } from '../format/number.ts'
import {
  conflictsOf,
  newTemplatesOf,
  packExperiment,
  readPack,
  writePack,
  type Pack,
  type PackNote,
} from '../notebook/pack.ts'
import { experimentId, findRoot } from '../notebook/project.ts'
import { projectFiles } from '../setup/project-files.ts'
import { confirmOrRefuse } from './confirm.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { indented, readTerminalWords, writtenLines, type TerminalWords } from './terminal-words.ts'

export interface PackOptions {
  /** The file to write. Default: `ID.exp.tgz` in the working folder. */
  readonly out?: string
}

/** Writes one file with everything that somebody without the repository needs to check and render a report. */
export async function pack(name: string, { out }: PackOptions, io: Io): Promise<ExitCode> {
  const words = readTerminalWords(io)
  const root = findRoot(io.cwd)
  const id = experimentId(root, name)
  const file = out ?? `${id}.exp.tgz`
  const absolute = path.resolve(io.cwd, file)
  const { bytes, pack: packed } = await packExperiment(root, id)
  await writeNew(absolute, file, bytes)
  io.stderr.write(indented(noteLines(packed.notes)))
  const values = { file, files: packed.files.size, size: fileSize(bytes.length) }
  io.stdout.write(`${words.text('pack.done', values)}\n`)
  return exitCodes.done
}

export interface UnpackOptions {
  /**
   * The folder of the project to write into. Default: the project that contains the working folder; if none does, the
   * working folder.
   */
  readonly into?: string
  readonly yes?: boolean
}

/** Checks a pack and writes its files. Files with other content are replaced only after a yes. */
export async function unpack(file: string, options: UnpackOptions, io: Io): Promise<ExitCode> {
  const words = readTerminalWords(io)
  const unpacked = await readPack(readPackFile(path.resolve(io.cwd, file), file))
  const root = options.into === undefined ? findRoot(io.cwd) : path.resolve(io.cwd, options.into)
  await mkdir(root, { recursive: true })
  await confirmConflicts(root, unpacked, options, words, io)
  const written = [
    ...(await writePack(root, unpacked)),
    ...(await writeFiles(root, projectFiles(root))),
  ]
  const { experiment, notes } = unpacked
  io.stderr.write(indented(noteLines(notes)))
  io.stdout.write(`${words.text('unpack.done', { experiment, files: written.length })}\n`)
  io.stdout.write(indented(writtenLines(withResultsAsOne(written), words)))
  return exitCodes.done
}

/** The files, with one entry for all results. */
function withResultsAsOne(written: readonly WrittenFile[]): readonly WrittenFile[] {
  const shown = written.map(({ file, how }) => ({
    file: file.replace(/^(reports\/[^/]+\/results\/).+$/, '$1*'),
    how,
  }))
  return [...new Map(shown.map((each) => [`${each.how} ${each.file}`, each])).values()]
}

async function confirmConflicts(
  root: string,
  unpacked: Pack,
  { yes = false }: UnpackOptions,
  words: TerminalWords,
  io: Io,
): Promise<void> {
  const conflicts = conflictsOf(root, unpacked)
  const templates = newTemplatesOf(root, unpacked)
  if (conflicts.length + templates.length === 0) return
  for (const [key, files] of [
    ['unpack.conflicts', conflicts],
    ['unpack.templates', templates],
  ] as const)
    if (files.length > 0)
      io.stderr.write(`${words.text(key, { count: files.length })}\n${indented(files)}`)
  if (yes) return
  await confirmOrRefuse(
    words.text('unpack.ask'),
    'Nothing was written. `--into FOLDER` unpacks into another folder; `--yes` writes these files.',
    io,
  )
}

function readPackFile(absolute: string, shown: string): Buffer {
  const { pack: limit } = limits
  try {
    const status = statSync(absolute)
    if (!status.isFile()) throw unreadablePack(shown, 'it is not a regular file')
    if (status.size > limit.max) throw unreadablePack(shown, `it has ${beyond(limit, status.size)}`)
    return readFileSync(absolute)
  } catch (error) {
    if (error instanceof ExpError) throw error
    const isMissing = codeOf(error) === 'ENOENT'
    throw unreadablePack(shown, isMissing ? 'there is no such file' : String(error))
  }
}

function unreadablePack(shown: string, why: string): ExpError {
  return new ExpError(
    'invalid-input',
    `\`${shown}\` cannot be read: ${why}`,
    '`exp pack ID` writes such a file.',
  )
}

async function writeNew(absolute: string, shown: string, bytes: Buffer): Promise<void> {
  if (existsSync(absolute))
    throw new ExpError(
      'invalid-input',
      `\`${shown}\` already exists`,
      'Remove or rename it, or name another file: `--out FILE`.',
    )
  const folder = path.dirname(absolute)
  if (!existsSync(folder))
    throw new ExpError(
      'invalid-input',
      `there is no folder for \`${shown}\``,
      'Create it, or name another file: `--out FILE`.',
    )
  await writeNewFile(realpathSync(folder), path.basename(absolute), bytes)
}

function noteLines(notes: readonly PackNote[]): readonly string[] {
  return notes.map(({ message, fix }) => `${message}; ${fix}`)
}
