/** How many blocks a model has; with its output, that is one layer more. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { numberOf } from './config-facts.ts'

/** `block_count` of the weights that Ollama's library has under these names. */
const published: Readonly<Record<string, number>> = {
  'qwen3:0.6b': 28,
  'qwen3:1.7b': 28,
  'qwen3:4b': 36,
  'qwen3:8b': 36,
  'qwen3:14b': 40,
  'qwen3:32b': 64,
  'llama3.2:1b': 16,
  'llama3.2:3b': 28,
  'llama3.1:8b': 32,
  'llama3.1:70b': 80,
}

/** Where any config of the experiment was seen with the model, as its server counts; else as it was published. */
export function blocksOf(model: string, configs: readonly ConfigAnalysis[]): number | undefined {
  const layers = configs
    .filter(({ config }) => config.kind === 'measured' && config.model.name === model)
    .map((each) => numberOf(each, 'layersTotal'))
    .find((each) => each !== undefined)
  return layers === undefined ? published[model] : layers - 1
}
