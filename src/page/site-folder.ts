/** Writes pages into a folder. Follows no symbolic links, and removes only pages that it wrote before. */
import { lstatSync, realpathSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { codeOf, namesIn, readFileIfExists } from '../files/read-files.ts'
import { assertNoLink, writeError, writeFiles, type WrittenFile } from '../files/write-files.ts'
import { parseJson } from '../json/json.ts'

/** The file that marks a folder as one that this program wrote. It lists the pages. */
const markerName = 'exp-site.json'
const marker = z.strictObject({ writtenBy: z.literal('exp'), pages: z.array(z.string()) })

/** The path of a page in its folder, with forward slashes, and its HTML. */
export type PageFile = readonly [place: string, html: string]

export interface WrittenPages {
  readonly places: ReadonlySet<string>
  /** Those that were new or differed. */
  readonly written: readonly WrittenFile[]
}

/**
 * Writes the pages that differ, and removes earlier pages that are not among them.
 * @param folder absolute; it may not exist yet. Throws `ExpError` if it holds other files and no marker of this program
 * @param pages read one after the other, so that no more than one is kept in memory
 */
export async function writePages(
  folder: string,
  pages: Iterable<PageFile> | AsyncIterable<PageFile>,
): Promise<WrittenPages> {
  assertNotLinked(folder)
  const earlier = earlierPages(folder)
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw writeError(folder, error)
  })
  // Later checks compare with the folder's real path.
  const real = realpathSync(folder)
  // A folder with a marker can be written again, even if this program ends before the last page.
  if (earlier.length === 0) await writeMarker(real, [])
  const places = new Set<string>()
  const written: WrittenFile[] = []
  for await (const [place, html] of pages) {
    places.add(place)
    written.push(...(await writeFiles(real, new Map([[place, Buffer.from(html)]]))))
  }
  for (const page of earlier.filter((one) => !places.has(one))) {
    assertNoLink(real, page)
    await rm(path.join(real, page), { force: true }).catch((error: unknown) => {
      throw writeError(page, error)
    })
  }
  await writeMarker(real, [...places].sort())
  return { places, written }
}

async function writeMarker(folder: string, pages: readonly string[]): Promise<void> {
  const text = `${JSON.stringify({ writtenBy: 'exp', pages }, null, 2)}\n`
  await writeFiles(folder, new Map([[markerName, Buffer.from(text)]]))
}

function assertNotLinked(folder: string): void {
  let isLink = false
  try {
    isLink = lstatSync(folder).isSymbolicLink()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw writeError(folder, error)
  }
  if (!isLink) return
  throw new ExpError(
    'environment',
    `cannot write \`${folder}\`: it is a link, and nothing is written through links`,
    'Name the folder that it leads to, or another one.',
  )
}

/**
 * The pages that this program wrote into the folder. Throws `ExpError` if the folder holds other files and no marker.
 */
function earlierPages(folder: string): readonly string[] {
  const names = namesIn(folder, '.')
  if (names.length === 0) return []
  const found = names.includes(markerName) ? readMarker(folder) : undefined
  if (found !== undefined) return found.pages.filter(isPage)
  throw new ExpError(
    'invalid-input',
    `\`${folder}\` holds files that \`exp\` did not write`,
    'Name an empty or a new folder with `--out`.',
  )
}

function readMarker(folder: string): z.infer<typeof marker> | undefined {
  const text = readFileIfExists(folder, markerName)?.toString('utf8') ?? ''
  const value = parseJson(text, () => undefined)
  return marker.safeParse(value).data
}

/** True for a path that a page can have. Checked because the marker file may come from somebody else. */
function isPage(page: string): boolean {
  return page.endsWith('.html') && page.split('/').every((name) => !['', '.', '..'].includes(name))
}
