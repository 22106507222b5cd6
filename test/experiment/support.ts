import { expect } from 'vitest'
import type { Config, Experiment, MeasuredConfig } from '../../src/experiment/experiment.ts'
import { formatProblems } from '../../src/experiment/format-problem.ts'
import type { ExperimentText, ParsedExperiment } from '../../src/experiment/parse-experiment.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import type { Locale } from '../../src/format/locales.generated.ts'
import type { Choices } from '../../src/setup/choices.ts'
import { newExperimentText } from '../../src/setup/new-experiment.ts'
import { readServer, readVariation } from '../../src/setup/read-options.ts'
import { readWords } from '../../src/templates/words.ts'
import { shippedTemplates } from '../support/templates.ts'

/** A small file without problems; each part can be replaced or, with an empty text, left out. */
export function experimentText(parts: Readonly<Record<string, string>> = {}): string {
  const all: Readonly<Record<string, string>> = {
    title: 'title: Slots',
    model: 'model: "qwen3:0.6b"',
    dataset:
      'dataset: {name: comments, samples: [{id: a, text: first}, {id: b, text: second, note: short}]}',
    workload: 'workload: {prompt: "Judge {{text}}", load: {users: 3, duration: 30s}}',
    configs: [
      'configs:',
      '  plain: {target: process}',
      '  slots: {from: plain, env: {OLLAMA_NUM_PARALLEL: 4}}',
    ].join('\n'),
    baseline: 'baseline: plain',
    ...parts,
  }
  return Object.values(all).join('\n')
}

export function parse(
  text: string,
  file = 'experiments/slots.yaml',
  readDataset: ExperimentText['readDataset'] = () => undefined,
): ParsedExperiment {
  return parseExperiment({ file, text, readDataset })
}

/** The experiment; fails with what the terminal would show. */
export function parsed(text: string, file?: string): Experiment {
  const { experiment, problems, texts } = parse(text, file)
  if (experiment === undefined) expect.fail(formatProblems(problems, texts))
  return experiment
}

export function config(experiment: Experiment, key: string): Config {
  return experiment.configs.find((one) => one.key === key)!
}

export function measured(experiment: Experiment, key: string): MeasuredConfig {
  const found = config(experiment, key)
  if (found.kind !== 'measured') expect.fail(`${key} is not measured`)
  return found
}

export function codes(text: string): readonly string[] {
  return parse(text).problems.map(({ code }) => code)
}

/** The file that `exp init` writes if nobody says what to compare. */
export function initialText(name: string, locale: Locale = 'en'): string {
  const labels = { native: 'native', docker: 'Docker', embedded: 'embedded' }
  const choices: Choices = {
    locale,
    models: ['qwen3:0.6b'],
    servers: [readServer('native', labels, undefined)],
    variations: [readVariation('OLLAMA_NUM_PARALLEL=1,4')],
    env: {},
    prompts: { kind: 'example' },
    users: [3],
    objectives: {},
    duration: '30s',
    atLeast: 20,
    atMost: '5m',
    rounds: 6,
  }
  return newExperimentText(name, choices, readWords(shippedTemplates(locale), 'init'), true)
}
