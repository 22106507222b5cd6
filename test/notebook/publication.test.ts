import { expect, it } from 'vitest'
import type { Experiment } from '../../src/experiment/experiment.ts'
import { forPublication } from '../../src/notebook/publication.ts'
import { experimentText, parsed } from '../experiment/support.ts'

const secret = 'hunter2'

/** An experiment with a value in every part that holds texts. */
const text = experimentText({
  title: `title: {en: Slots, zh-CN: 槽位}
question: Which is best?
locale: [en, zh-CN]
tags: [slots]
hardware: {device: Mac}
analysis: We think so.
estimates: {Speed: fast}
show: [ttftMean]
slo: {latencyP95: "<= 2s"}
follows: {experiment: docker-opt, version: v1.0, cause: slots}`,
  model: 'model: {name: "qwen3:0.6b", size: 522MB}',
  dataset: `dataset:
  name: comments
  samples: [{id: a, text: first, expected: {word: x}}]
  checks: [{name: word, label: the word, field: word, measure: exact}, {name: form, measure: regex, pattern: "^a"}]`,
  workload: `workload:
  system: You judge.
  prompt: "Judge {{text}}"
  options: {stop: [END, STOP], note: text}
  format: {type: object, description: words}
  mix:
    - {name: long, model: {name: "qwen3:1.7b", size: 1GB}, system: You write., prompt: "Write {{text}}", options: {stop: [END]}}
    - {name: short, model: "qwen3:0.6b"}
  load: {users: 3, duration: 30s}`,
  configs: `configs:
  base:
    label: Base
    group: Servers
    host: studio
    target: {url: "http://127.0.0.1:1", headers: {Accept: text/plain}}
    env: {NOTE: words}
    options: {note: other}
  native: {target: {process: {version: 0.11.3, models: store}}}
  image: {target: {docker: {image: "ollama/ollama:0.11.3", models: volume, memory: 4g, platform: linux/arm64}}}
  before:
    recorded: {source: old.md, date: 2025-08-06, metrics: {qps: 6/s}, facts: {image: "ollama:1"}}
vary: {base: base, options: {num_ctx: [1024, 2048]}}
hypotheses:
  - {statement: It is faster, claim: {metric: qps, factor: num_ctx, between: [1024, 2048], change: ">= 20%"}}`,
  baseline: '',
})

/** The value with a credential at the end of every text, except the kinds that tell values apart. */
function planted(value: unknown): unknown {
  if (typeof value === 'string') return `${value} password=${secret}`
  if (Array.isArray(value)) return value.map(planted)
  if (typeof value !== 'object' || value === null || value instanceof Map) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === 'kind' ? inner : planted(inner)]),
  )
}

/** Where a credential is left: `configs.target.kind`. */
function leftIn(value: unknown, at = ''): readonly string[] {
  if (typeof value === 'string') return value.includes(secret) ? [at] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    leftIn(inner, Array.isArray(value) ? at : `${at}.${key}`),
  )
}

// What is left follows a grammar, is not shown (samples), or was refused when the file was parsed (levels of a grid).
it('removes credentials from every text of an experiment but those that cannot hold any', () => {
  const experiment = planted(parsed(text)) as Experiment
  expect([...new Set(leftIn(forPublication(experiment)))].sort()).toMatchInlineSnapshot(`
    [
      ".configs.dataset.checks.measure",
      ".configs.dataset.digest",
      ".configs.dataset.samples.expected.word",
      ".configs.dataset.samples.fields.id",
      ".configs.dataset.samples.fields.text",
      ".configs.dataset.samples.id",
      ".configs.date",
      ".configs.figures.metric",
      ".configs.key",
      ".configs.measurementDigest",
      ".configs.workload.api",
      ".configs.workload.cache",
      ".dataset.checks.measure",
      ".dataset.digest",
      ".dataset.samples.expected.word",
      ".dataset.samples.fields.id",
      ".dataset.samples.fields.text",
      ".dataset.samples.id",
      ".file",
      ".grid.base",
      ".grid.cells.config",
      ".grid.factors.levels",
      ".grid.factors.name",
      ".grid.factors.section",
      ".hypotheses.claim.config",
      ".hypotheses.claim.factor.from",
      ".hypotheses.claim.factor.name",
      ".hypotheses.claim.factor.to",
      ".hypotheses.claim.threshold.comparator",
      ".hypotheses.claim.threshold.text",
      ".hypotheses.claim.versus",
      ".id",
      ".keep.answers",
      ".keep.prompts",
      ".locales",
      ".objectives.metric",
      ".objectives.threshold.comparator",
      ".objectives.threshold.text",
      ".whenUnavailable",
      ".workload.api",
      ".workload.cache",
    ]
  `)
})
