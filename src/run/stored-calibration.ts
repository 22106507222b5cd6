/**
 * Stores the calibration of this machine in the user's cache folder. `exp doctor --calibrate` writes it, `exp run`
 * reads it.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { cacheFolder } from '../files/cache-folder.ts'
import { parseJson } from '../json/json.ts'
import { timingCalibration, type TimingCalibration } from '../results/timing-errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

const stored = z.object({ node: z.string(), calibration: timingCalibration })

function calibrationFile(env: Environment): string {
  return join(cacheFolder(env), 'timing-calibration.json')
}

/** The calibration. Undefined if it is missing, damaged, or measured with another version of Node. */
export async function readCalibration(
  env: Environment,
  node: string,
): Promise<TimingCalibration | undefined> {
  const text = await readFile(calibrationFile(env), 'utf8').catch(() => '')
  const checked = stored.safeParse(parseJson(text))
  return checked.success && checked.data.node === node ? checked.data.calibration : undefined
}

/** Replaces the calibration. */
export async function storeCalibration(
  env: Environment,
  node: string,
  calibration: TimingCalibration,
): Promise<void> {
  const file = calibrationFile(env)
  await mkdir(cacheFolder(env), { recursive: true })
  await writeFile(`${file}.new`, `${JSON.stringify({ node, calibration })}\n`)
  await rename(`${file}.new`, file)
}
