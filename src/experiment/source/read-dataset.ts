/**
 * Reads the dataset of an experiment: it is part of the file, a file of the project, or a private file that only this
 * machine's `exp.local.yaml` names. A private dataset that is not on this machine is absent, which is no error: only
 * measuring needs its samples.
 */
import { didYouMean } from '../../errors/did-you-mean.ts'
import { beyond, limits, type Limit } from '../../errors/limits.ts'
import { quoted } from '../../errors/quote.ts'
import { isDatasetName } from '../../files/local-settings.ts'
import type { Locale } from '../../format/locales.generated.ts'
import {
  asRecord,
  type DatasetDraft,
  type Draft,
  draftDataset,
  type DraftedDataset,
  type FileDatasets,
  writtenMixes,
} from '../draft.ts'
import type { Problem, ProblemDetails } from '../problem.ts'
import { resolveDataset } from '../resolve/resolve-experiment.ts'
import { absolutePath } from './log-excerpt.ts'
import { readImages, type ReadImage } from './read-images.ts'
import { isSamplesFile, readSamplesFile } from './samples-file.ts'
import { type Path, readSource, type Source } from './source.ts'

export type FileText =
  | { readonly file: string; readonly text: string }
  /** Why the file cannot be read although it exists: for example, it is a folder. */
  | { readonly failure: string }

export interface DatasetReaders {
  /** Reads the dataset file at a path relative to the experiment file; undefined if it does not exist. */
  readonly readDataset: (path: string) => FileText | undefined
  /** Reads the private dataset of that name; undefined if `exp.local.yaml` does not name it. */
  readonly readPrivateDataset?: (name: string) => FileText | undefined
  /** Reads the pictures of samples. Without it, no sample can have any. */
  readonly readImage?: ReadImage
}

/** What reading a dataset needs besides its name. */
interface Reading extends DatasetReaders {
  /** Where the file names the dataset. */
  readonly path: Path
  /** The languages in which the labels of checks are looked for, best first. */
  readonly languages: readonly Locale[]
}

interface ReadDataset extends DraftedDataset {
  readonly problems: readonly Problem[]
  /** The dataset file. Absent if the experiment file contains the dataset. */
  readonly text?: { readonly file: string; readonly text: string }
}

export interface ReadDatasets {
  readonly datasets: FileDatasets
  readonly problems: readonly Problem[]
  /** The dataset files, without the experiment file. */
  readonly texts: readonly { readonly file: string; readonly text: string }[]
}

/**
 * The dataset of the file, and those that configs name themselves. A dataset that several places name is read once.
 * @param languages in which the labels of checks are looked for, best first
 */
export function readDatasets(
  draft: Draft,
  readers: DatasetReaders,
  languages: readonly Locale[],
): ReadDatasets {
  const { source, configs } = draft
  const defaultDataset = readTopDataset(source, { ...readers, languages })
  const byName = new Map<string, ReadDataset>()
  const ofConfigs = [...configs].map(([key, { dataset }]) => ({
    dataset,
    path: ['configs', key, 'dataset'] as Path,
  }))
  const ofItems = writtenMixes(draft).flatMap(({ path, items }) =>
    items.map(({ dataset }, index) => ({ dataset, path: [...path, index, 'dataset'] })),
  )
  let [characters, samples] = [0, 0]
  for (const { dataset, path } of [...ofConfigs, ...ofItems]) {
    if (dataset === undefined || byName.has(dataset)) continue
    const isOfFile = asRecord(source.value)['dataset'] === dataset
    const reading = { ...readers, languages, path }
    const read = isOfFile ? defaultDataset : readNamed(source, dataset, reading)
    byName.set(dataset, read)
    // Several paths may lead to the same file.
    characters += read.text?.text.length ?? 0
    samples += read.draft === undefined ? 0 : requestsIn(read.draft)
    const problem =
      tooLargeTogether(limits.dataset, characters) ?? tooLargeTogether(limits.samples, samples)
    if (problem === undefined) continue
    byName.set(dataset, { problems: [source.problem(path, problem)] })
    break
  }
  const all = [...new Set([defaultDataset, ...byName.values()])]
  return {
    datasets: { ...(source.has(['dataset']) && { defaultDataset }), byName },
    problems: all.flatMap(({ problems }) => problems),
    texts: all.flatMap(({ text }) => text ?? []),
  }
}

/** The number of samples of the dataset. Each turn of a conversation counts. */
function requestsIn({ samples }: DatasetDraft): number {
  return [...samples.values()].reduce((count, { turns }) => count + (turns?.length ?? 1), 0)
}

function tooLargeTogether(limit: Limit, found: number): ProblemDetails | undefined {
  if (found <= limit.max) return undefined
  return {
    code: 'too-large',
    message: `the datasets of this experiment together have ${beyond(limit, found)}`,
    hint: 'name fewer datasets, or split the experiment',
  }
}

function readTopDataset(source: Source, reading: Omit<Reading, 'path'>): ReadDataset {
  const written = asRecord(source.value)['dataset']
  if (typeof written === 'string')
    return readNamed(source, written, { ...reading, path: ['dataset'] })
  if (Object.keys(asRecord(written)).length === 0) return { problems: [] }
  return resolved(draftDataset(source, ['dataset']), reading)
}

function readNamed(
  source: Source,
  written: string,
  { readDataset, readPrivateDataset, readImage, languages, path }: Reading,
): ReadDataset {
  const refused = (details: ProblemDetails): ReadDataset => ({
    problems: [source.problem(path, details)],
  })
  const missing = (message: string, hint: string) =>
    refused({ code: 'missing-dataset', message, hint })
  if (absolutePath.test(written))
    return missing(
      `${quoted(written)} is an absolute path`,
      'write the path relative to this file: `datasets/NAME.yaml`; to keep a dataset out of the project, name it in `exp.local.yaml`: `datasets: {NAME: PATH}`',
    )
  const found = readDataset(written)
  const privateFile = isDatasetName(written) ? readPrivateDataset?.(written) : undefined
  if (found !== undefined && privateFile !== undefined)
    return refused({
      code: 'private-dataset',
      message: `${quoted(written)} is the name of a private dataset in \`exp.local.yaml\`, and of a file beside this one`,
      hint: `give the private dataset another name, or write \`./${written}\` for the file`,
    })
  if (privateFile !== undefined)
    return readPrivate(source, written, privateFile, { languages, path })
  if (found === undefined && isDatasetName(written))
    return absentDataset(source, written, { readDataset, path })
  if (found === undefined)
    return missing(
      `the file ${quoted(written)} does not exist`,
      'write the path relative to this file, or write the dataset into this file',
    )
  if ('failure' in found)
    return missing(
      `${quoted(written)} cannot be read: ${found.failure}`,
      'name a YAML, CSV, JSONL or text file',
    )
  return { ...resolved(readFileText(found), { languages, readImage }), text: found }
}

function readPrivate(
  source: Source,
  name: string,
  file: FileText,
  { languages, path }: Pick<Reading, 'languages' | 'path'>,
): ReadDataset {
  if ('failure' in file)
    return {
      problems: [
        source.problem(path, {
          code: 'missing-dataset',
          message: `the private dataset ${quoted(name)} cannot be read: ${file.failure}`,
          hint: `correct \`datasets: {${name}: PATH}\` in \`exp.local.yaml\`: a YAML, CSV, JSONL or text file`,
        }),
      ],
    }
  const { draft, problems } = readFileText(file)
  return {
    ...resolved(
      { ...(draft && { draft: { ...draft, privateName: name } }), problems },
      { languages },
    ),
    text: file,
  }
}

const suffixes = ['.yaml', '.yml', '.csv', '.jsonl', '.txt']

/** A private dataset that is not on this machine. */
function absentDataset(
  source: Source,
  name: string,
  { readDataset, path }: Pick<Reading, 'readDataset' | 'path'>,
): ReadDataset {
  const files = ['', 'datasets/'].flatMap((folder) => suffixes.map((one) => folder + name + one))
  const sameNamedFile = files.find((file) => readDataset(file) !== undefined)
  return {
    dataset: {
      name,
      samples: [],
      checks: [],
      digest: '',
      isPrivate: true,
      notOnThisMachine: { samples: 0, isCompared: true },
    },
    problems: [
      source.problem(path, {
        code: 'private-dataset',
        severity: 'warning',
        message: `the dataset ${quoted(name)} is not on this machine`,
        hint:
          sameNamedFile === undefined
            ? `to measure, name its file in \`exp.local.yaml\`: \`datasets: {${name}: PATH}\`; a file of the project has a suffix: \`datasets/${name}.yaml\``
            : didYouMean(name, [sameNamedFile], `for the file, write \`${sameNamedFile}\``),
      }),
    ],
  }
}

interface DraftedFile {
  readonly draft?: DatasetDraft
  readonly problems: readonly Problem[]
}

function resolved(
  { draft, problems }: DraftedFile,
  {
    languages,
    readImage,
  }: Pick<Reading, 'languages'> & { readonly readImage?: ReadImage | undefined },
): ReadDataset {
  if (draft === undefined) return { problems }
  const requests = requestsIn(draft)
  // The schema already limits the number of samples that are written.
  if (requests > limits.samples.max && draft.samples.size <= limits.samples.max)
    return {
      problems: [
        draft.source.problem([...draft.path, 'samples'], {
          code: 'too-large',
          message: `with the turns of its conversations, the dataset has ${beyond(limits.samples, requests)}`,
          hint: limits.samples.remedy,
        }),
      ],
    }
  const pictures = readImages(draft, readImage)
  const dataset = resolveDataset(draft, languages, pictures.images)
  return {
    draft,
    ...(dataset && { dataset }),
    problems: [...problems, ...pictures.problems],
  }
}

function readFileText({
  file,
  text,
}: {
  readonly file: string
  readonly text: string
}): DraftedFile {
  const read = isSamplesFile(file)
    ? readSamplesFile(file, text, limits.dataset)
    : readSource(file, text, limits.dataset)
  if (read.source === undefined) return { problems: read.problems }
  const { draft, problems } = draftDataset(read.source, [])
  return { draft, problems: [...read.problems, ...problems] }
}
