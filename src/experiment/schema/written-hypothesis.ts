/** A hypothesis as written: its statement, and the claim that decides it. */
import { z } from 'zod'
import { metricIds } from '../../metrics/catalog.ts'
import { parseAmount } from '../values/amount.ts'
import { snippets } from './editor-help.ts'
import { threshold } from './written-objectives.ts'
import { byLocale, filledText, lineScalar, perLanguage, readAs, text } from './written-text.ts'

/** The id of a metric. */
export const metricName = text.meta({ examples: metricIds })

const claim = z
  .strictObject({
    metric: metricName.meta({ description: '`qps`, `latencyP95`, `score.<check>`, …' }),
    config: text.optional().meta({ description: 'The config that the claim is about.' }),
    factor: text.optional().meta({
      description:
        'Instead of a config: a factor of `vary`. The claim is about its effect over the other factors.',
    }),
    between: z
      .tuple([lineScalar, lineScalar])
      .optional()
      .meta({ description: 'The levels of the factor: the second is compared with the first.' }),
    versus: text.optional().meta({
      description:
        'The config that it is compared with. Default: its `from`, otherwise the baseline.',
    }),
    change: threshold.optional().meta({ description: '(new - base) / base: `"<= -30%"`.' }),
    ratio: threshold.optional().meta({ description: 'new / base: `">= 80%"`.' }),
    same: readAs(parseAmount, 'threshold', () => 'a band, such as `5%` or `5pp`')
      .optional()
      .meta({
        description: 'The difference is at most this: `5%`, or `5pp` for shares and scores.',
      }),
    value: threshold
      .optional()
      .meta({ description: 'The figure of the config itself: `"<= 500ms"`.' }),
  })
  .meta({
    description: 'What must be measured: one of `change`, `ratio`, `same` and `value`.',
    defaultSnippets: snippets.claim,
  })
export type WrittenClaim = z.infer<typeof claim>

export const writtenHypothesis = z
  .strictObject({
    id: filledText.optional().meta({ description: 'Unique id. Default: H1, H2, … by position.' }),
    statement: byLocale(filledText).meta({
      description: `The hypothesis in words, as the report shows it. ${perLanguage}`,
    }),
    claim,
    gate: z
      .boolean()
      .optional()
      .meta({ description: 'If true, `--gate` fails unless the hypothesis is supported.' }),
  })
  .meta({
    description: 'A statement and the claim that decides it.',
    defaultSnippets: snippets.hypothesis,
  })
export type WrittenHypothesis = z.infer<typeof writtenHypothesis>
