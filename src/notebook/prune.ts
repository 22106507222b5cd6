/**
 * Pruning: the results of older versions shrink to the figures of their trials. Reports, locks and the results of newer
 * versions stay unchanged. A pruned version can no longer be recomputed from its results.
 */
import { lstatSync } from 'node:fs'
import path from 'node:path'
import { summariseTrial } from '../analysis/summarise-trial.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import { ExpError } from '../errors/exp-error.ts'
import { forShell } from '../errors/quote.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { namesIn } from '../files/read-files.ts'
import { removeLeftovers } from '../files/write-files.ts'
import { scorePrefix } from '../metrics/catalog.ts'
import { formatVersion, type StoredFigures, type TrialRecord } from '../results/record.ts'
import { prunedDigests } from '../results/pruned.ts'
import type { StoredTrial } from '../results/store.ts'
import { digestOf, resultsOf, type Lock } from './lock.ts'
import type { Renderer } from './renderer.ts'

export interface PrunePlan {
  readonly experiment: string
  /** The versions whose results stay whole, newest first. */
  readonly kept: readonly string[]
  /** The other versions with files that shrink, newest first; each file counts for the newest version that uses it. */
  readonly pruned: readonly { readonly version: string; readonly trials: number }[]
  /** The new bytes, by the name of a file in `results/`. */
  readonly files: ReadonlyMap<string, Buffer>
  /** The sizes of the whole folder `results/`. */
  readonly bytesBefore: number
  readonly bytesAfter: number
  /** Writes the files, one after the other. If it is killed, pruning again completes it. */
  readonly write: () => Promise<void>
}

/**
 * Plans a pruning; writes nothing. Throws `ExpError` if a result is not the one that its version was made from.
 * @param shown the experiment; the results that its report would use now stay whole too
 * @param keep the number of versions that stay whole, at least 1
 */
export async function planPrune(
  root: string,
  renderer: Renderer,
  shown: Experiment,
  keep: number,
): Promise<PrunePlan> {
  const { folder, draft } = await renderer.renderForComparison(shown)
  const [experiment, store] = [shown.id, renderer.storeOf(shown.id)]
  const newestFirst = folder.locks.map(({ lock }) => lock).toReversed()
  const [kept, older] = [newestFirst.slice(0, keep), newestFirst.slice(keep)]
  const whole = new Set([...kept, draft.lock].flatMap((lock) => [...resultsOf(lock).keys()]))
  const done = prunedDigests(await store.list())
  const files = new Map<string, Buffer>()
  const pruned: { readonly version: string; readonly trials: number }[] = []
  for (const lock of older) {
    const before = files.size
    for (const [file, digest] of resultsOf(lock)) {
      const bytes = whole.has(file) || files.has(file) ? undefined : store.bytes(file)
      if (bytes === undefined || done.get(file) === digest) continue
      if (digestOf(bytes) !== digest) throw changedResult(experiment, file, lock)
      const small = store.prunedBytes(file, prunedRecords(await store.read(file)))
      if (small.length < bytes.length) files.set(file, small)
    }
    if (files.size > before) pruned.push({ version: lock.version, trials: files.size - before })
  }
  const results = `reports/${experiment}/results`
  const sizes = sizesIn(root, results)
  const bytesBefore = sum([...sizes.values()])
  const saved = [...files].map(([file, bytes]) => (sizes.get(file) ?? 0) - bytes.length)
  return {
    experiment,
    kept: kept.map(({ version }) => version),
    pruned,
    files,
    bytesBefore,
    bytesAfter: bytesBefore - sum(saved),
    write: async () => {
      await removeLeftovers(root, results)
      for (const [file, bytes] of files) await store.replace(file, bytes)
    },
  }
}

/** The records of a trial without its requests: header, evidence, window, figures and end. */
function prunedRecords(trial: StoredTrial): readonly TrialRecord[] {
  const { digest, header, window, end } = trial
  const summary = summariseTrial(trial)
  return [
    { ...header, formatVersion, pruned: digest },
    ...summary.evidence,
    ...(summary.otherModels ?? []),
    ...(window === undefined ? [] : [window]),
    { type: 'figures', figures: figuresOf(summary) },
    ...(end === undefined ? [] : [end]),
  ]
}

function figuresOf({ figures, scores }: TrialSummary): StoredFigures['figures'] {
  return Object.fromEntries([
    ...[...figures].flatMap(([id, { value, n }]) =>
      value === undefined ? [] : [[id, { value, n }] as const],
    ),
    ...[...scores].flatMap(([check, bySample]) => {
      const means = [...bySample.values()].map(({ mean }) => mean)
      const value = (sum(means) / means.length) * 100
      return means.length === 0 ? [] : [[scorePrefix + check, { value, n: means.length }] as const]
    }),
  ])
}

function changedResult(experiment: string, file: string, { version }: Lock): ExpError {
  const name = `reports/${experiment}/results/${file}`
  return new ExpError(
    'result-file',
    `${name} is not the result that ${version} was made from`,
    `Nothing was pruned. \`git checkout -- ${forShell(name)}\` restores it.`,
  )
}

function sizesIn(root: string, folder: string): ReadonlyMap<string, number> {
  return new Map(
    namesIn(root, folder).map((name) => [name, lstatSync(path.join(root, folder, name)).size]),
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
