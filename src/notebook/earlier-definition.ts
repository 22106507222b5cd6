/** Finds earlier definitions of an experiment in the commits of git. */
import path from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { parseExperiment } from '../experiment/parse-experiment.ts'
import type { FileText } from '../experiment/source/read-dataset.ts'
import { commitsTouching, type Commit } from '../files/git-files.ts'
import type { Lock } from './lock.ts'
import { experimentFile, readPrivateDataset } from './project.ts'

/** How many commits are searched for the definition of a version. */
const maxCommits = 200

/**
 * The definition that a version of a report was measured with: the newest in git whose configs have the digests that
 * the version's lock stores. Throws `ExpError` if no commit has it.
 * @param current the definition in the project's file, which is returned if it has these digests
 */
export async function definitionOfVersion(
  root: string,
  current: Experiment,
  lock: Lock,
): Promise<Experiment> {
  if (isDefinitionOf(lock, current)) return current
  const { experiment: id, version } = lock
  const paths = [`reports/${id}/${version}.lock.json`, 'experiments']
  for (const commit of await commitsTouching(root, paths, maxCommits)) {
    const found = await definitionIn(root, id, commit)
    if (found !== undefined && isDefinitionOf(lock, found)) return found
  }
  throw new ExpError(
    'invalid-input',
    `none of the last ${maxCommits} commits that changed \`experiments/\` has the definition of ${version} of \`${id}\``,
    'Name the branch, tag or commit that has it: `--against REF`.',
  )
}

/** True if the measured configs of the version and of the definition have the same digests. */
function isDefinitionOf({ configs }: Lock, { configs: defined }: Experiment): boolean {
  const digests = new Map(defined.map(({ key, measurementDigest }) => [key, measurementDigest]))
  return Object.entries(configs).every(
    ([key, { measurementDigest }]) => digests.get(key) === measurementDigest,
  )
}

/** The experiment in a commit; undefined if its file is missing there or invalid. */
export async function definitionIn(
  root: string,
  id: string,
  commit: Commit,
): Promise<Experiment | undefined> {
  const file = experimentFile(root, id)
  const bytes = await commit.bytes(file)
  if (bytes === undefined) return undefined
  const read = new Map<string, Buffer | undefined>()
  // The parser reads synchronously, and git does not. So parse, read the files that were missing, and parse again.
  for (;;) {
    const unreadPaths = new Set<string>()
    const bytesOf = (name: string, from: string) => {
      const place = path.posix.join(path.posix.dirname(from), name)
      if (!read.has(place)) unreadPaths.add(place)
      return { place, found: read.get(place) }
    }
    const readFile = (name: string): FileText | undefined => {
      const { place, found } = bytesOf(name, file)
      return found && { file: place, text: found.toString('utf8') }
    }
    const { experiment } = parseExperiment({
      file,
      text: bytes.toString('utf8'),
      readDataset: readFile,
      readPrivateDataset: (name) => readPrivateDataset(root, name),
      readImage: (name, from) => {
        const { found } = bytesOf(name, from)
        return found && { bytes: found }
      },
      readLog: readFile,
    })
    if (unreadPaths.size === 0) return experiment
    for (const place of unreadPaths) {
      const content = place.startsWith('../') ? undefined : await commit.bytes(place)
      read.set(place, content)
    }
  }
}
