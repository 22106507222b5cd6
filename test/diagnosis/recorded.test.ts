/** The diagnosis of the experiment from the source document, which has only figures and settings. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import { nextExperiment } from '../../src/diagnosis/next-experiment.ts'
import { causeTestOf } from '../../src/diagnosis/diagnosis.ts'
import { testableCauses } from '../../src/diagnosis/rules.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { writeExperiment } from '../../src/experiment/write-experiment.ts'
import { analysisOf } from '../analysis/simulated-analysis.ts'

const file = 'experiments/mac-vs-docker.yaml'
const readDataset = (path: string) => ({
  file: path,
  text: readFileSync(join('experiments', path), 'utf8'),
})
const { experiment } = parseExperiment({ file, text: readFileSync(file, 'utf8'), readDataset })
if (experiment === undefined) throw new Error('the experiment has problems')
const analysis = analysisOf(experiment, {})
const diagnosis = diagnose(experiment, analysis)
const [main] = diagnosis.explanations
const settings = (cause: string) =>
  diagnosis.settings
    .filter((each) => each.cause === cause)
    .flatMap(({ evidence, against }) => [...evidence, ...against])
    .map(({ code, values }) => [code, 'setting' in values ? values['setting'] : undefined])

describe('the source document', () => {
  it('names the missing GPU as a proven cause of the ratio of 136x, with an unknown share', () => {
    expect(main).toMatchObject({ subject: 'docker-initial', reference: 'native-optimized' })
    expect(main?.ratio).toBeCloseTo(136.3, 0)
    expect(main?.findings).toMatchObject([
      { cause: 'mac-container', certainty: 'proven', cost: 'unknown', totalMs: 0 },
    ])
    expect(main?.findings[0]).not.toHaveProperty('rank')
    // the figures of the baseline contradict each other
    expect(main?.obstacle).toEqual({
      code: 'audit',
      audit: 'littlesLaw',
      config: 'native-optimized',
    })
  })

  it('sets the number of threads in a variable that the server does not read', () => {
    expect(settings('not-read').slice(0, 2)).toEqual([
      ['setting.not-read-documented', { literal: 'OLLAMA_NUM_THREADS=4' }],
      ['setting.not-read-documented', { literal: 'OLLAMA_NUM_THREADS=8' }],
    ])
  })

  it('sets a queue and a number of models that presumably have no effect', () => {
    const found = settings('cannot-act')
    expect(found).toContainEqual(['setting.one-model', { literal: 'OLLAMA_MAX_LOADED_MODELS=2' }])
    // its users are not recorded, those of the config that it derives from are
    expect(found).toContainEqual(['setting.queue-large-if', { literal: 'OLLAMA_MAX_QUEUE=10' }])
    expect(diagnosis.settings.find(({ cause }) => cause === 'cannot-act')?.certainty).toBe('likely')
  })

  it('names the facts that it should have recorded', () => {
    expect(diagnosis.factsToRecord.map(({ fact }) => fact)).toEqual(
      expect.arrayContaining(['requests', 'containerArchitecture', 'serverVersion', 'modelDigest']),
    )
  })
})

describe('the next experiment', () => {
  const causes = testableCauses.filter((cause) => causeTestOf(analysis, diagnosis, cause))
  it.each(causes)('for %s is a file without problems that names its origin', (cause) => {
    const causeTest = causeTestOf(analysis, diagnosis, cause)
    const texts = { title: 't', question: 'q?', label: 'added', statement: 's' }
    const content =
      causeTest && nextExperiment({ experiment, test: causeTest, texts, version: 'v1.0' })
    const datasetFile = 'datasets/manga_comment_ad_detection.yaml'
    const text = content && writeExperiment({ ...content, datasetFile })
    const next = parseExperiment({ file: 'experiments/next.yaml', text: text ?? '', readDataset })
    expect(next.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(next.experiment?.follows).toEqual({
      experiment: 'mac-vs-docker',
      version: 'v1.0',
      cause,
    })
    expect(next.experiment?.hypotheses).toHaveLength(1)
  })
})

describe('documents that give speeds and no latencies', () => {
  it('are compared, and the facts that would identify a cause are listed', () => {
    const { experiment: threads } = parseExperiment({
      file: 'experiments/threads.yaml',
      text: `title: Threads
model: "phi4:14b"
configs:
  t16: {options: {num_thread: 16}, recorded: {source: s, date: 2025-02-24, metrics: {decodeSpeed: 0.83 tokens/s}}}
  t7: {from: t16, options: {num_thread: 7}, recorded: {source: s, date: 2025-02-24, metrics: {decodeSpeed: 6.56 tokens/s}}}
baseline: t16`,
      readDataset,
    })
    if (threads === undefined) throw new Error('the experiment has problems')
    const { explanations, factsToRecord } = diagnose(threads, analysisOf(threads, {}))
    expect(explanations).toMatchObject([{ subject: 't16', reference: 't7' }])
    expect(explanations[0]?.ratio).toBeCloseTo(6.56 / 0.83, 9)
    expect(factsToRecord).toContainEqual({ config: 't16', fact: 'cpuCount' })
    // its requests set them
    expect(factsToRecord).not.toContainEqual({ config: 't16', fact: 'threads' })
  })
})
