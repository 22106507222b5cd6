/** An experiment as reports may show it: what must not be committed is taken out of what its file says. */
import type { Config, Experiment } from '../experiment/experiment.ts'
import { Redactor } from '../results/redact.ts'
import { withoutUrlCredentials } from '../secrets/secrets.ts'

const redactor = new Redactor()

/**
 * Values of variables whose names say that they are secrets are replaced, and credentials in URLs wherever they
 * stand. Digests stay those of what was asked; `analysis` is the experimenter's own, and passes as it is.
 */
export function forPublication(experiment: Experiment): Experiment {
  const { title, question, hardware, configs, hypotheses } = experiment
  return {
    ...experiment,
    title: withoutUrlCredentials(title),
    ...(question === undefined ? {} : { question: withoutUrlCredentials(question) }),
    hardware: Object.fromEntries(
      Object.entries(hardware).map(([name, value]) => [name, withoutUrlCredentials(value)]),
    ),
    configs: configs.map(shown),
    hypotheses: hypotheses.map((hypothesis) => ({
      ...hypothesis,
      statement: withoutUrlCredentials(hypothesis.statement),
    })),
  }
}

function shown(config: Config): Config {
  const common = {
    label: withoutUrlCredentials(config.label),
    group: withoutUrlCredentials(config.group),
    env: redactor.values(config.env),
  }
  return config.kind === 'recorded'
    ? { ...config, ...common, source: withoutUrlCredentials(config.source) }
    : { ...config, ...common }
}
