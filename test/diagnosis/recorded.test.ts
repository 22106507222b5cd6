/** The diagnosis of the experiment from the source document, which has only figures and settings. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import { nextExperiment } from '../../src/diagnosis/next-experiment.ts'
import { nextTrial } from '../../src/diagnosis/next-trial.ts'
import { testableCauses } from '../../src/diagnosis/rules.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { writeExperiment } from '../../src/experiment/write-experiment.ts'
import { analysisOf } from '../analysis/story.ts'

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
  it('explains a ratio of 136x by a certainly missing GPU with an unknown share', () => {
    expect(main).toMatchObject({ subject: 'docker-initial', reference: 'native-optimized' })
    expect(main?.ratio).toBeCloseTo(136.3, 0)
    expect(main?.findings).toMatchObject([
      { cause: 'mac-container', certainty: 'proven', share: 'unknown', totalMs: 0 },
    ])
  })

  it('sets threads by a variable that the server does not read', () => {
    expect(settings('not-read').slice(0, 2)).toEqual([
      ['setting.not-read-documented', { literal: 'OLLAMA_NUM_THREADS=4' }],
      ['setting.not-read-documented', { literal: 'OLLAMA_NUM_THREADS=8' }],
    ])
  })

  it('sets a queue and a number of models that have no effect, while more slots may have one', () => {
    const found = settings('cannot-act')
    expect(found).toContainEqual(['setting.one-model', { literal: 'OLLAMA_MAX_LOADED_MODELS=2' }])
    expect(found).toContainEqual(['setting.queue-large', { literal: 'OLLAMA_MAX_QUEUE=10' }])
    expect(found.map(([code]) => code)).toContain('setting.could-act')
  })

  it('names the facts that it should have recorded', () => {
    expect(diagnosis.factsToRecord.map(({ fact }) => fact)).toEqual(
      expect.arrayContaining(['requests', 'containerArchitecture', 'serverVersion', 'modelDigest']),
    )
  })
})

describe('the next experiment', () => {
  const causes = testableCauses.filter((cause) => nextTrial(analysis, diagnosis, cause))
  it.each(causes)('for %s is a file without problems that names its origin', (cause) => {
    const trial = nextTrial(analysis, diagnosis, cause)
    const texts = { title: 't', question: 'q?', label: 'added', statement: 's' }
    const content = trial && nextExperiment({ experiment, trial, texts, version: 'v1.0' })
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
