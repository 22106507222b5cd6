/** The SVG files of a version's charts, with the entry of each in the lock. */
import type { Chart } from '../charts/chart.ts'
import { drawing } from '../charts/drawing.ts'
import type { Locale } from '../format/locales.generated.ts'
import { canonicalJson } from '../json/json.ts'
import { chartFile } from '../report/charts.ts'
import { digestOf, type Lock } from './lock.ts'
import type { ReportFolder } from './report-folder.ts'

export interface ChartFiles {
  /** The bytes of each chart by its name in the report's folder. */
  readonly files: ReadonlyMap<string, Buffer>
  readonly locked: NonNullable<Lock['charts']>
}

export interface ChartSource {
  readonly version: string
  /** The charts in each locale. */
  readonly charts: ReadonlyMap<Locale, readonly Chart[]>
  /** The lock of this version, if it was rendered before. */
  readonly existing: Lock | undefined
  readonly folder: ReportFolder
  /** True to draw every chart, even if the file on disk matches the lock. */
  readonly redraw: boolean
}

/**
 * Draws the charts of a version. Reuses a chart on disk if its data, the drawing program and its bytes match the lock,
 * because drawing takes longer than everything else.
 */
export async function chartFiles(source: ChartSource): Promise<ChartFiles> {
  const { version, charts, existing, folder, redraw } = source
  const files = new Map<string, Buffer>()
  const locked: Record<string, NonNullable<Lock['charts']>[string]> = {}
  for (const [locale, all] of charts)
    for (const chart of all) {
      const file = chartFile(chart.kind, version, locale)
      const name = nameOf(file)
      const known = existing?.charts?.[name]
      const data = digestOf(Buffer.from(canonicalJson(chart)))
      const onDisk = folder.files.get(file)
      const isKnown =
        known?.data === data &&
        known.drawing === drawing &&
        onDisk !== undefined &&
        digestOf(onDisk) === known.bytes
      const bytes = isKnown && !redraw ? onDisk : await draw(chart)
      files.set(file, bytes)
      locked[name] = { data, drawing, bytes: digestOf(bytes) }
    }
  return { files, locked }
}

async function draw(chart: Chart): Promise<Buffer> {
  // Loads the library only when something is drawn.
  const { drawChart } = await import('../charts/draw-chart.ts')
  return Buffer.from(drawChart(chart))
}

/** The charts of a version by their names in the report's folder, with the digests of their bytes. */
export function lockedCharts({ version, charts = {} }: Lock): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(charts).map(([name, { bytes }]) => [`charts/${version}/${name}`, bytes]),
  )
}

/** The charts of a version that are missing on disk or differ from its lock, by their names in the report's folder. */
export function damagedCharts(lock: Lock, folder: ReportFolder): readonly string[] {
  return [...lockedCharts(lock)].flatMap(([name, digest]) => {
    const bytes = folder.files.get(name)
    return bytes !== undefined && digestOf(bytes) === digest ? [] : [name]
  })
}

/**
 * The original bytes of damaged charts of a version, by name. Leaves out charts that drawing does not reproduce.
 * @param charts the charts of the version, from the results that its lock names
 */
export async function originalCharts(
  lock: Lock,
  charts: ReadonlyMap<Locale, readonly Chart[]>,
  damaged: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const digests = lockedCharts(lock)
  const originals = new Map<string, Buffer>()
  for (const [locale, all] of damaged.length === 0 ? [] : charts)
    for (const chart of all) {
      const file = chartFile(chart.kind, lock.version, locale)
      if (!damaged.includes(file)) continue
      const bytes = await draw(chart)
      if (digestOf(bytes) === digests.get(file)) originals.set(file, bytes)
    }
  return originals
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1)
}
