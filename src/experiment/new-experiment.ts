/**
 * The file that `exp init` writes: valid as it stands, each line with what it means. It measures what a
 * beginner asks first, whether `OLLAMA_NUM_PARALLEL` helps.
 */
import { locales } from '../format/locales.generated.ts'

export function newExperimentText(name: string): string {
  return `# yaml-language-server: $schema=./experiment.schema.json
#
# exp validate experiments/${name}.yaml   checks this file
# exp run --try experiments/${name}.yaml  a quick look: one round, nothing kept
# exp run experiments/${name}.yaml        measures, and writes reports/${name}/README.md

title: ${name}
question: Does OLLAMA_NUM_PARALLEL help three users at once?
locale: en # one of ${locales.join(', ')}; or a list, for several reports
# hardware: {device: MacBook Pro M1 Pro, memory: 32GB}   what is detected stands beside it

model: "qwen3:0.6b"

# The samples to ask, and the checks that score the answers. May also be a file: datasets/NAME.yaml
dataset:
  name: ${name}
  samples:
    - {id: s1, text: "Great chapter, when is the next one?", expected: {category: comment}}
    - {id: s2, text: "Add me for the full series, cheap", expected: {category: advert}}
  checks:
    - {name: category, field: category, measure: exact} # a metric: score.category

workload:
  api: chat # or generate
  prompt: "Is this comment an advert? {{text}}" # {{…}} are fields of the sample
  options: {temperature: 0, seed: 42, num_predict: 64}
  think: false
  format: # the answer must follow this JSON schema
    type: object
    properties: {category: {type: string, enum: [comment, advert]}}
    required: [category]
  # Three users, each sending when its last request ended. The window closes after 30 s,
  # or stretches until 20 requests ended, but never beyond 5 minutes.
  load: {users: 3, duration: 30s, atLeast: 20, atMost: 5m}
  warmup: {requests: 3} # not counted
  cache: cold # a unique prefix keeps the prompt cache out of the figures

rounds: 6 # each runs every config once, forwards and backwards in turn
budget: 30m # asked about before it is exceeded
whenUnavailable: fail # or skip, or embedded: a stand-in engine, marked as such

configs:
  default:
    label: Default
    target: process # a server of its own; or {docker: {image: …}}, {url: …}, embedded
  parallel:
    from: default # inherits everything, and is compared with it
    label: Four slots
    env: {OLLAMA_NUM_PARALLEL: 4}

baseline: default # the 1x row of the ratio table

hypotheses: # one claim each: change, ratio, same or value
  - id: H1
    statement: Four slots raise the request rate by a tenth or more
    claim: {metric: qps, config: parallel, change: ">= 10%"}
  - id: H2
    statement: The answers stay as good
    claim: {metric: score.category, config: parallel, same: 5pp}
`
}
