/** Gives an experiment and its analysis the texts of another language. Figures and verdicts do not depend on texts. */
import type { Experiment } from '../experiment/experiment.ts'
import { inLocale } from '../experiment/in-locale.ts'
import type { Locale } from '../format/locales.generated.ts'
import type { Analysis } from './analysis.ts'

export function localised(
  experiment: Experiment,
  analysis: Analysis,
  locale: Locale,
): { readonly experiment: Experiment; readonly analysis: Analysis } {
  const translated = inLocale(experiment, locale)
  return translated === experiment
    ? { experiment, analysis }
    : { experiment: translated, analysis: withTextsOf(translated, analysis) }
}

function withTextsOf(experiment: Experiment, analysis: Analysis): Analysis {
  const configs = new Map(experiment.configs.map((config) => [config.key, config]))
  const hypotheses = new Map(experiment.hypotheses.map((each) => [each.id, each]))
  return {
    ...analysis,
    configs: analysis.configs.map((each) => ({
      ...each,
      config: configs.get(each.config.key) ?? each.config,
    })),
    hypotheses: analysis.hypotheses.map((each) => ({
      ...each,
      hypothesis: hypotheses.get(each.hypothesis.id) ?? each.hypothesis,
    })),
  }
}
