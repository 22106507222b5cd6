/** Text of a report that was changed outside its keep blocks: told by the digest in the lock, and never overwritten in silence. */
import { digestOf } from './digest.ts'
import { joinParts, splitBlocks, withoutBodies, type Part } from './keep-block.ts'
import { currentLock, type ReportFolder } from './report-folder.ts'

export interface Edit {
  /** File name in the folder. */
  readonly file: string
  readonly bytes: Buffer
  /** What exp would write in its place. */
  readonly expected: Buffer
}

/**
 * The reports whose text is neither what the newest lock says nor what would be written now.
 * @param reports by file name, as they would be written now
 */
export function editsIn(
  folder: ReportFolder,
  reports: ReadonlyMap<string, readonly Part[]>,
): readonly Edit[] {
  const digests = currentLock(folder)?.lock.files ?? {}
  return [...reports].flatMap(([file, parts]) => {
    const bytes = folder.files.get(file)
    if (!bytes) return []
    const text = withoutBodies(splitBlocks(bytes, `${folder.name}/${file}`))
    const known = digestOf(text) === digests[file] || text.equals(withoutBodies(parts))
    return known ? [] : [{ file, bytes, expected: joinParts(parts) }]
  })
}
