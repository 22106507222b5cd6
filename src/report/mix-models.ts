/** The models of mixes, each with its own facts. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { modelsOf } from '../experiment/mix.ts'
import { fixed } from '../format/number.ts'
import type { Context } from './context.ts'
import { factText, type SettingFact } from './fact-text.ts'

const noFacts: ConfigAnalysis['facts'] = new Map()

/** Each model of the configs with its own facts; undefined if no config has a mix. */
export function mixModels(
  measured: readonly (ConfigAnalysis & { readonly config: MeasuredConfig })[],
  { words }: Context,
): readonly string[] | undefined {
  if (measured.every(({ config }) => config.workload.mix === undefined)) return undefined
  const texts = measured.flatMap((member) =>
    modelsOf(member.config).map(({ name, size = '' }, index) => {
      const facts = index === 0 ? member.facts : (member.otherModels?.get(name) ?? noFacts)
      const fact = (id: SettingFact) => factText(id, { ...member, facts }, words) ?? ''
      const [parameters, digest] = [fact('parameterSize'), fact('modelDigest')]
      const sizeOnDisk = facts.get('modelSizeBytes')?.values[0]
      const known = [
        typeof sizeOnDisk === 'number' ? modelSize(sizeOnDisk) : size,
        fact('quantization'),
        parameters === '' ? '' : words.text('model.parameters', { value: parameters }),
        digest === '' ? '' : words.text('model.digest', { value: digest }),
      ].filter((text) => text !== '')
      return known.length === 0
        ? name
        : words.text('model.size', { name, size: known.join(words.text('join.clauses')) })
    }),
  )
  return [...new Set(texts)]
}

/** In decimal units, in which Ollama shows the sizes of models. */
export function modelSize(size: number): string {
  return size < 1e9 ? `${fixed(size / 1e6, 0)} MB` : `${fixed(size / 1e9, 1)} GB`
}
