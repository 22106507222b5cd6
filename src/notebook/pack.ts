/**
 * Packs: one file with an experiment, the files that it reads, its reports, locks and results, and the project's own
 * templates, so that somebody without the repository can check and render the report. A pack is a gzipped `tar`; its
 * first file lists all others with their sizes and digests. A pack may come from a stranger. Therefore every path, size
 * and digest is checked, and the packed notebook must pass `exp check`, before anything is written.
 */
import { mkdtempSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { beyond, limits } from '../errors/limits.ts'
import { namesIn, readFileIfExists } from '../files/read-files.ts'
import { tarBytes, tarFiles } from '../files/tar.ts'
import {
  assertNoLink,
  assertWritableFolder,
  writeFiles,
  type WrittenFile,
} from '../files/write-files.ts'
import { locales } from '../format/locales.generated.ts'
import { parseJson } from '../json/json.ts'
import type { CheckFinding } from './findings.ts'
import { digestOf } from './lock.ts'
import { openNotebook } from './notebook.ts'
import { experimentFile, experimentIds, idOf, parseExperimentFile } from './project.ts'
import { readTemplates } from './template-files.ts'

const manifestName = 'pack.json'
const packFormat = 1

const manifestSchema = z.strictObject({
  packFormat: z.literal(packFormat),
  experiment: z.string().max(limits.line.max),
  files: z.record(
    z.string().max(limits.line.max),
    z.strictObject({ bytes: z.int().nonnegative(), digest: z.string() }),
  ),
})

export interface Pack {
  readonly experiment: string
  /** By path relative to the root of a project, with forward slashes. */
  readonly files: ReadonlyMap<string, Buffer>
  /**
   * Findings of `exp check` that do not show damage: for example, another version of exp would write a report
   * differently. For a new pack, also the secrets in its files.
   */
  readonly notes: readonly PackNote[]
}

export type PackNote = Pick<CheckFinding, 'message' | 'fix'>

/** The bytes of the pack of an experiment. Throws `ExpError` if nobody could unpack it. */
export async function packExperiment(
  root: string,
  id: string,
): Promise<{ readonly bytes: Buffer; readonly pack: Pack }> {
  const { files: experimentFiles, secrets } = readExperimentFiles(root, id)
  const files = new Map([
    ...experimentFiles,
    ...readReportFiles(root, id),
    ...readProjectTemplates(root),
  ])
  const { packFiles } = limits
  if (files.size > packFiles.max)
    throw new ExpError(
      'invalid-input',
      `\`${id}\` has ${beyond(packFiles, files.size)}`,
      packFiles.remedy,
    )
  const size = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  if (size > limits.unpacked.max)
    throw new ExpError(
      'invalid-input',
      `the files of \`${id}\` have ${beyond(limits.unpacked, size)}`,
      limits.unpacked.remedy,
    )
  const notes = [...secrets, ...(await checkedNotes(id, files))]
  const manifest = {
    packFormat,
    experiment: id,
    files: Object.fromEntries(
      [...files].map(([name, bytes]) => [name, { bytes: bytes.length, digest: digestOf(bytes) }]),
    ),
  }
  const text = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`)
  const bytes = gzipSync(tarBytes(new Map([[manifestName, text], ...files])), { level: 9 })
  return { bytes, pack: { experiment: id, files, notes } }
}

/** Reads a pack, and checks everything about it. Writes nothing. */
export async function readPack(bytes: Buffer): Promise<Pack> {
  const archive = new Map(tarFiles(unzipped(bytes), limits.packFiles.max + 1))
  const manifest = manifestSchema.safeParse(
    parseJson(archive.get(manifestName)?.toString('utf8') ?? ''),
  )
  archive.delete(manifestName)
  if (!manifest.success) throw refused('it has no valid `pack.json`')
  const { experiment, files: listed } = manifest.data
  const caseless = new Set<string>()
  for (const name of new Set([...archive.keys(), ...Object.keys(listed)])) {
    const [file, entry] = [
      archive.get(name),
      Object.hasOwn(listed, name) ? listed[name] : undefined,
    ]
    if (!isPackPath(name, experiment)) throw refused(`\`${name}\` is no place for a file of a pack`)
    if (file === undefined || entry === undefined)
      throw refused(`its list and its files differ: \`${name}\``)
    if (file.length !== entry.bytes || digestOf(file) !== entry.digest)
      throw refused(`\`${name}\` is not the file that its list names`)
    caseless.add(name.normalize().toLowerCase())
  }
  if (caseless.size !== archive.size) throw refused('names of its files differ only in case')
  return { experiment, files: archive, notes: await checkedNotes(experiment, archive) }
}

/** The files of the pack that exist in the project with different content. */
export function conflictsOf(root: string, { files }: Pack): readonly string[] {
  return [...files].flatMap(([name, bytes]) => {
    assertNoLink(root, name)
    assertWritableFolder(root, path.dirname(name))
    const old = readFileIfExists(root, name, limits.result)
    return old === undefined || old.equals(bytes) ? [] : [name]
  })
}

/**
 * The templates of the pack that the project lacks. Empty if no other experiment exists whose report they would change.
 */
export function newTemplatesOf(root: string, { experiment, files }: Pack): readonly string[] {
  if (experimentIds(root).every((id) => id === experiment)) return []
  return [...files.keys()].filter(
    (name) => name.startsWith('templates/') && readFileIfExists(root, name) === undefined,
  )
}

/**
 * Writes the files that the project lacks or has with different content, and the index. If it is killed, unpacking
 * again completes it.
 */
export async function writePack(root: string, { files }: Pack): Promise<readonly WrittenFile[]> {
  const written = await writeFiles(root, files)
  const { written: index } = await openNotebook({ root }).publishIndex()
  return [...written, ...index]
}

/**
 * The experiment's file, with the datasets and logs that it reads; a private dataset is not packed. The files are
 * packed as they are, so each secret in them is noted.
 */
function readExperimentFiles(
  root: string,
  id: string,
): { readonly files: ReadonlyMap<string, Buffer>; readonly secrets: readonly PackNote[] } {
  const names = new Set<string>()
  const { problems } = parseExperimentFile(root, experimentFile(root, id), (name) =>
    names.add(name),
  )
  const secrets = problems
    .filter(({ code }) => code === 'secret')
    .map(({ file, line, column, message }) => ({
      message: `${file}:${line}:${column}: ${message}`,
      fix: 'the pack contains it: remove it, and pack again',
    }))
  return { files: readAll(root, [...names].sort(), id), secrets }
}

function readReportFiles(root: string, id: string): ReadonlyMap<string, Buffer> {
  const folder = `reports/${id}`
  const charts = namesIn(root, `${folder}/charts`).flatMap((version) =>
    namesIn(root, `${folder}/charts/${version}`).map((name) => `charts/${version}/${name}`),
  )
  const results = namesIn(root, `${folder}/results`).map((name) => `results/${name}`)
  const names = [...namesIn(root, folder), ...charts, ...results]
    .map((name) => `${folder}/${name}`)
    .filter((name) => isPackPath(name, id))
  return readAll(root, names, id)
}

/** The files of the project's templates that differ from those of the program. */
function readProjectTemplates(root: string): ReadonlyMap<string, Buffer> {
  const names = locales.flatMap((locale) => {
    const shipped = readTemplates(locale)
    return namesIn(root, `templates/${locale}`)
      .map((name) => `templates/${locale}/${name}`)
      .filter((name) => {
        const bytes = isPackPath(name, '') ? readFileIfExists(root, name) : undefined
        return (
          bytes !== undefined && shipped.get(path.basename(name))?.text !== bytes.toString('utf8')
        )
      })
  })
  return readAll(root, names, '')
}

function readAll(root: string, names: readonly string[], id: string): ReadonlyMap<string, Buffer> {
  return new Map(
    names.flatMap((name) => {
      if (!isPackPath(name, id))
        throw new ExpError(
          'invalid-input',
          `\`${name}\` lies outside the folder \`experiments\`, and is not packed`,
          'move it there, and change its path in the experiment',
        )
      const bytes = readFileIfExists(root, name, limits.result)
      return bytes === undefined ? [] : [[name, bytes] as const]
    }),
  )
}

/** A file name that every operating system allows, and that is not hidden. */
const segment = /^(?![.\s])[^\\/:*?"<>|\p{Cc}]{1,200}(?<![.\s])$/u
const inReports =
  /^(?:README(?:\.[\w-]+)?\.md|v\d+\.\d+(?:\.[\w-]+)?\.md|v\d+\.\d+\.lock\.json|dropped\.jsonl|results\/[^/]+\.jsonl(?:\.gz)?|charts\/v\d+\.\d+\/[^/]+\.svg)$/
const inTemplates = /^templates\/[\w-]+\/[^/]+\.(?:hbs|yaml)$/

function isPackPath(name: string, id: string): boolean {
  const segments = name.split('/')
  if (segments.length > 20 || !segments.every((each) => segment.test(each))) return false
  if (segments[0] === 'experiments') return segments.length > 1
  const folder = `reports/${id}/`
  if (name.startsWith(folder)) return inReports.test(name.slice(folder.length))
  return inTemplates.test(name)
}

function unzipped(bytes: Buffer): Buffer {
  const { pack, unpacked, alwaysAllowedPack, compressionRatio } = limits
  if (bytes.length > pack.max) throw refused(`it has ${beyond(pack, bytes.length)}`)
  const maxOutputLength = Math.min(
    unpacked.max,
    Math.max(alwaysAllowedPack.max, compressionRatio.max * bytes.length),
  )
  try {
    return gunzipSync(bytes, { maxOutputLength })
  } catch {
    throw refused(`it is not compressed by gzip, or unpacks to more than ${maxOutputLength} bytes`)
  }
}

/**
 * What `exp check` finds in these files alone. Throws `ExpError` if they are not a valid notebook of this experiment.
 */
async function checkedNotes(
  id: string,
  files: ReadonlyMap<string, Buffer>,
): Promise<readonly CheckFinding[]> {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'exp-pack-')))
  try {
    await writeFiles(root, files)
    const read = new Set<string>()
    const file = experimentFile(root, id)
    if (idOf(file) !== id || !files.has(file)) throw refused(`it has no experiment \`${id}\``)
    parseExperimentFile(root, file, (name) => read.add(name))
    const unread = [...files.keys()].find(
      (name) => name.startsWith('experiments/') && !read.has(name),
    )
    if (unread !== undefined) throw refused(`the experiment does not read \`${unread}\``)
    const { findings, bugs } = await openNotebook({ root }).check([id])
    const [bug] = bugs
    if (bug !== undefined)
      throw bug instanceof Error ? bug : new Error('the check failed', { cause: bug })
    const bad = findings.find(({ code }) => damageCodes.has(code))
    if (bad !== undefined) throw refused(bad.message)
    // The index is not part of a pack.
    return findings.filter(({ experiment }) => experiment === id)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

const damageCodes: ReadonlySet<CheckFinding['code']> = new Set([
  'unreadable',
  'result-changed',
  'frozen-changed',
  'stray',
])

function refused(problem: string): ExpError {
  return new ExpError(
    'invalid-input',
    `this pack cannot be trusted: ${problem}`,
    'Nothing was written. `exp check ID`, where it comes from, shows what is wrong there.',
  )
}
