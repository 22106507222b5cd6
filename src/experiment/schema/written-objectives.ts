/** Thresholds as written, and the objectives of a service (`slo`). */
import { z } from 'zod'
import { objectiveMetrics } from '../../metrics/objectives.ts'
import { otherExamples } from '../values/amount.ts'
import { parseThreshold } from '../values/threshold.ts'
import { readAs, text, withFewEntries } from './written-text.ts'

export const threshold = readAs(
  parseThreshold,
  'threshold',
  (written) => `a threshold, such as ${otherExamples(written, ['"<= -30%"', '">= 80%"'])}`,
)

export const writtenObjectives = withFewEntries(z.record(text, threshold)).meta({
  description:
    'What the service must achieve, by metric: `{latencyP95: "<= 2s", ttftP95: "<= 500ms", okRate: ">= 99%"}`. The report then shows the goodput: the requests that meet it.',
  suggestedKeys: Object.fromEntries(objectiveMetrics.map(({ id, unit }) => [id, `In ${unit}.`])),
})
