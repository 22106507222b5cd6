/**
 * The parts of a workload and its dataset that may be stored. `keep: {prompts: …}` decides how much of the texts sent
 * to the model is kept.
 */
import { jsonDigest } from '../json/json.ts'
import type { Dataset } from './dataset.ts'
import type { KeepLevel, Workload } from './experiment.ts'
import type { MixItem } from './mix-item.ts'

/** A workload without the fields that may not be stored. Each `…Digest` is the digest of a removed field. */
export type KeptWorkload = Omit<Workload, 'prompt' | 'mix'> & {
  readonly mix?: readonly KeptItem[]
  readonly prompt?: string
  readonly systemDigest?: string
  readonly promptDigest?: string
  readonly formatDigest?: string
}

/** An item of a mix, with the digests of removed fields. */
export type KeptItem = MixItem & {
  readonly systemDigest?: string
  readonly promptDigest?: string
}

/**
 * The workload as it may be stored: unchanged (`text`), with digests in place of system text, prompt template and JSON
 * schema (`digest`), or without them (`none`).
 */
export function keptWorkload(workload: Workload, level: KeepLevel): KeptWorkload {
  if (level === 'text') return workload
  const { system, prompt, format, mix, ...others } = workload
  const rest = { ...others, ...(mix && { mix: mix.map((item) => keptItem(item, level)) }) }
  // `json` is the name of a format; a schema holds words.
  const kept = format === 'json' ? { ...rest, format } : rest
  if (level === 'none') return kept
  return {
    ...kept,
    promptDigest: jsonDigest(prompt),
    ...(system !== undefined && { systemDigest: jsonDigest(system) }),
    ...(typeof format === 'object' && { formatDigest: jsonDigest(format) }),
  }
}

function keptItem({ system, prompt, ...item }: MixItem, level: KeepLevel): KeptItem {
  if (level === 'none') return item
  return {
    ...item,
    ...(system !== undefined && { systemDigest: jsonDigest(system) }),
    ...(prompt !== undefined && { promptDigest: jsonDigest(prompt) }),
  }
}

/**
 * The dataset's name, and its digest unless nothing may be kept, because somebody who guesses the samples could confirm
 * the guess by the digest.
 */
export function keptDataset(
  { name, digest }: Dataset,
  level: KeepLevel,
): { readonly name: string; readonly digest?: string } {
  return level === 'none' ? { name } : { name, digest }
}

/** The ids under which requests are stored: those of the samples, or their positions if nothing may be kept. */
export function keptSampleIds({ samples }: Dataset, level: KeepLevel): readonly string[] {
  return samples.map(({ id }, index) => (level === 'none' ? `s${index + 1}` : id))
}
