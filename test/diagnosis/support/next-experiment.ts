/** Checks the experiment that would test a cause, for the test of each rule. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nextExperiment } from '../../../src/diagnosis/next-experiment.ts'
import { causeTestOf } from '../../../src/diagnosis/diagnosis.ts'
import { planOf, type Cause } from '../../../src/diagnosis/rules.ts'
import { parseExperiment } from '../../../src/experiment/parse-experiment.ts'
import { writeExperiment } from '../../../src/experiment/write-experiment.ts'
import { diagnosePair, type Pair } from './pairs.ts'

const datasetFile = 'datasets/manga_comment_ad_detection.yaml'
const readDataset = (path: string) => ({
  file: path,
  text: readFileSync(join('experiments', path), 'utf8'),
})

/** The texts that an experiment is written with in tests. */
export const texts = { title: 't', question: 'q?', label: 'added', statement: 's' }

/**
 * Declares tests on the experiment after a cause: it is a valid file, or no file can test the cause.
 * @param pair two configs whose difference has this cause
 */
export function describeNextExperiment(cause: Cause, pair: Pair): void {
  describe(`the experiment after ${cause}`, () => {
    const { experiment, analysis, diagnosis } = diagnosePair(withDifferentSettings(pair))
    const causeTest = causeTestOf(analysis, diagnosis, cause)

    it('follows a cause that the diagnosis names', () => {
      const { failures, explanations, delivery, settings } = diagnosis
      const ofLatency = explanations[0]?.findings ?? []
      const findings = [...failures, ...ofLatency, ...delivery, ...settings]
      expect(findings.map((each) => each.cause)).toContain(cause)
    })

    if (planOf(cause) === undefined)
      it('does not exist, because no file can test the cause', () => {
        expect(causeTest).toBeUndefined()
      })
    else
      it('is a file without problems', () => {
        const version = 'v1.0'
        const content = causeTest && nextExperiment({ experiment, test: causeTest, texts, version })
        const text = content && writeExperiment({ ...content, datasetFile })
        const next = parseExperiment({
          file: 'experiments/next.yaml',
          text: text ?? '',
          readDataset,
        })
        // The experiment tests the variable that the server does not read, so the configs keep it.
        const problems = next.problems.filter(({ message }) => !message.includes('NUM_THREADS'))
        expect(problems).toEqual([])
        expect(next.experiment?.follows).toEqual({ experiment: 'docker-opt', version, cause })
        expect(next.experiment?.hypotheses).toMatchObject([{ id: 'H1', statement: 's' }])
      })
  })
}

/** Adds a variable without effect, because no two configs of a file may measure the same. */
function withDifferentSettings({ slow, ...rest }: Pair): Pair {
  const isOurs = slow.config?.target?.kind !== 'url'
  const config = { env: { ...(isOurs ? { OLLAMA_DEBUG: '1' } : {}), ...slow.config?.env } }
  return { ...rest, slow: { ...slow, config: { ...slow.config, ...config } } }
}
