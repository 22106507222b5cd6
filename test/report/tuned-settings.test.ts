/** The settings of a race as code to paste, from an experiment that somebody else may have written. */
import { expect, it } from 'vitest'
import type { MeasuredConfig } from '../../src/experiment/experiment.ts'
import { tunedSettings } from '../../src/report/tuned-settings.ts'
import { readWords } from '../../src/templates/words.ts'
import { shippedTemplates } from '../support/templates.ts'
import { analysisOf, experimentOf, measuredConfig } from './support/analysis.ts'

function linesOf(rest: Partial<MeasuredConfig>): readonly string[] {
  const configs = [
    measuredConfig('base', { ...rest, options: { num_thread: 2 } }),
    measuredConfig('best', { ...rest, options: { num_thread: 8, stop: 'a  b' } }),
  ]
  const experiment = experimentOf(configs, { locales: ['en'], baseline: 'base' })
  const analysis = analysisOf(
    experiment,
    configs.map((config) => ({ config, figures: { latencyMean: 300 } })),
  )
  const context = {
    configs: new Map(analysis.configs.map((each) => [each.config.key, each])),
    words: readWords(shippedTemplates('en'), 'words'),
  }
  return tunedSettings('best', 'base', context).flatMap(({ lines }) => lines)
}

it('the address of a server adds no command to the one that creates the model', () => {
  const url = "http://127.0.0.1:1/$(touch&id;x|y'z)"
  const lines = linesOf({ target: { kind: 'url', url, headers: {} } })
  expect(lines.at(-1)).toBe(
    String.raw`curl 'http://127.0.0.1:1/$(touch&id;x|y'\''z)/api/create' -d ` +
      `'{"model":"qwen3:0.6b-tuned","from":"qwen3:0.6b","parameters":{"num_thread":8,"stop":"a  b"}}'`,
  )
})
