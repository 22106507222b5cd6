/** The projects that are damaged. */
import { cpSync } from 'node:fs'
import path from 'node:path'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { Project, yaml } from '../notebook/project.ts'

/**
 * Experiments that are damaged as well: a grid with objectives, levels of a load with a claim about the capacity, a
 * race, a search for a capacity, a mix with pauses and pictures, and embeddings.
 */
export const furtherExperiments = [
  yaml.replace(
    /configs:[^]*/,
    `configs:
  base: {target: process, env: {OLLAMA_DEBUG: 1}, load: {users: 2}}
vary:
  base: base
  env: {OLLAMA_NUM_PARALLEL: [1, 4]}
  options: {num_ctx: [2048, 8192]}
  load: {users: [2, 8]}
  target: {version: ["0.11.3", installed]}
  exclude: [{OLLAMA_NUM_PARALLEL: 1, users: 8}]
maxConfigs: 40
rankBy: latencyP95
slo: {latencyP95: "<= 2s", ttftMean: "<= 500ms"}
show: [goodput]
hypotheses:
  - statement: Slots help
    claim: {metric: qps, factor: OLLAMA_NUM_PARALLEL, between: [1, 4], change: ">= 20%"}
`,
  ),
  yaml
    .replace('users: 3', 'users: [1, 2, 4]')
    .replace(/baseline:[^]*/, '')
    .concat(
      `slo: {latencyP95: "<= 2s"}
hypotheses:
  - statement: Four slots carry two users
    claim: {metric: capacity, config: slots-4, value: ">= 2 users"}
`,
    ),
  yaml.replace('rounds: 2\n', '').replace(
    /configs:[^]*/,
    `configs:
  base: {target: embedded, host: lab, load: {users: 2, duration: 10s, ramp: auto}}
tune:
  base: base
  space: {env: {OLLAMA_NUM_PARALLEL: [1, 2]}, options: {num_thread: [1, 2]}, exclude: [{num_thread: 1}]}
  maximize: throughput
  budget: 45m
  ignoreBelow: 3%
slo: {latencyP95: "<= 2s"}
`,
  ),
  yaml
    .replace('users: 3, requests: 24', 'users: 1, duration: 10s')
    .replace(/baseline:[^]*/, '')
    .concat('slo: {latencyP95: "<= 2s", okRate: ">= 99%"}\ncapacity: {of: users, upTo: 64}\n'),
  yaml
    .replace('text: 好看}', 'text: 好看, images: [pixel.png]}')
    .replace(
      '  load: {users: 3, requests: 24}',
      `  load: {users: 3, requests: 24, pause: {mean: 2s, distribution: exponential}}
  mix:
    - {name: long, weight: 3, system: Be brief., options: {num_predict: 8}}
    - {name: short, model: tiny, prompt: "{{text}}!"}`,
    )
    .concat('keep: {prompts: digest}\n'),
  yaml.replace('api: chat', 'api: embed\n  batch: 2').replace(/hypotheses:[^]*/, ''),
]

/**
 * A project that passes `exp check`: three versions of a report with a hypothesis, the oldest one pruned, a pack of the
 * report, and all templates as its own.
 */
export async function fuzzedProject(): Promise<Project> {
  const project = new Project(`${yaml}analysis: |\n  # What we saw\n\n  Four slots **help**.\n`)
  cpSync('templates/en', path.join(project.root, 'templates/en'), { recursive: true })
  project.write('experiments/pixel.png', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
  for (const [run, slower] of [
    ['20250806T070000Z-aaaa', 100],
    ['20250807T070000Z-bbbb', 110],
    ['20250808T070000Z-cccc', 120],
  ] as const) {
    await project.measure({ run, latency: { 'slots-1': slower, 'slots-4': 50 } })
    await project.publish()
  }
  for (const args of [
    ['prune', 'slots', '--yes'],
    ['pack', 'slots'],
  ]) {
    const io = memoryIo(project.root)
    if ((await runCommandLine(args, io)) !== 0) throw new Error(io.err())
  }
  return project
}

/**
 * The sections of a short report. Every command on a keep block renders the whole report, and the block does not depend
 * on what else the report shows: this one takes a third of the time.
 */
const shortReport = `# {{title}}

{{#with conclusion}}
{{> conclusion}}
{{/with}}

<!-- exp:keep remarks -->

<!-- exp:end remarks -->

{{footnotes}}

---

{{#with footer}}
{{> footer}}
{{/with}}
`

/** A project that passes `exp check`, with one version of a short report of one config. */
export async function projectWithShortReport(): Promise<Project> {
  const project = new Project(yaml.replace(/ {2}slots-4:[^]*/, ''))
  project.write('templates/en/report.hbs', shortReport)
  await project.measure({ run: '20250806T070000Z-aaaa', latency: { 'slots-1': 100 } })
  await project.publish()
  return project
}
