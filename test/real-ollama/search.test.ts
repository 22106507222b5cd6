/** A search for a capacity on a real Ollama, in a short form: which levels are measured on which server, no figures. */
import { expect, it } from 'vitest'
import { describeRealOllama, realModel, realOllamaTimeoutMs } from '../support/real-ollama.ts'
import { decodeRecords, trialHeaders } from './records.ts'

const version = '0.20.0'

await describeRealOllama('a search for a capacity on a real Ollama', version, (project) => {
  it(
    'measures its windows on one server, then the highest levels in rounds; a complete search is not resumed',
    async () => {
      project.write('experiments/search.yaml', experiment)
      const run = await project.exp('run', 'experiments/search.yaml', '--yes')
      expect(run.code, run.stderr).toBe(0)
      const trials = trialHeaders(project, 'search')
      const windows = trials.filter(({ search }) => search === true)
      expect(windows.map(({ config }) => config)).toEqual([
        ...['any-users-1', 'any-users-2', 'any-users-4'],
      ])
      expect(new Set(windows.map(({ start }) => start)).size).toBe(1)
      const rounds = trials.filter(({ search }) => search !== true)
      expect(rounds.map(({ config, round }) => `${round} ${config}`)).toEqual([
        ...['1 any-users-3', '1 any-users-4', '2 any-users-4', '2 any-users-3'],
      ])
      // The log of the server: the slots that were asked for, and no load of the model after the first one.
      const facts = decodeRecords(project, 'search')
      expect(facts('any-users-4')).toMatchObject({ slots: 2, loadCount: 0 })
      const report = project.read('reports/search/README.md')
      expect(report).toContain('The levels were found by a search up to 4 users')
      expect(report).toMatch(/^\| 3 \|.*\n\| 4 \|/m)
      expect(report).not.toContain('users=1')
      expect((await project.exp('check')).code).toBe(0)
      const again = await project.exp('run', 'experiments/search.yaml', '--resume')
      expect(again.code, again.stderr).toBe(0)
      expect(again.stdout).toContain('nothing to measure')
      expect(trialHeaders(project, 'search')).toHaveLength(trials.length)
    },
    realOllamaTimeoutMs,
  )
})

/** Every level meets the objectives, so that the search ends at the highest one. */
const experiment = `title: Search
locale: en
model: "${realModel}"
dataset: {name: questions, samples: [{text: Name a colour.}, {text: Name an animal.}]}
workload:
  prompt: "{{text}}"
  options: {temperature: 0, seed: 1, num_predict: 8, num_ctx: 1024}
  load: {users: 1, requests: 6}
  warmup: {requests: 2}
rounds: 2
slo: {latencyMean: "<= 5m", okRate: ">= 1%"}
capacity: {of: users, upTo: 4}
configs:
  any: {target: {process: {version: ${version}}}, env: {OLLAMA_NUM_PARALLEL: 2}}
`
