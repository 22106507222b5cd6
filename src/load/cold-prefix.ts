/** What `cache: cold` puts before a prompt, so that no request finds its beginning in the prompt cache. */
import { createHash } from 'node:crypto'

export interface ColdPrefixKey {
  readonly run: string
  readonly round: number
  readonly phase: 'warmup' | 'measured'
  readonly sample: string
  /** How often the sample was asked before in this phase of the trial. */
  readonly occurrence: number
  /**
   * Key of the config, where one server serves more than one of them and would know the prefix again; left
   * out otherwise, so that both sides of a comparison are asked the very same.
   */
  readonly config?: string
}

const digits = 12

/**
 * A line of twelve decimal digits: unlike hexadecimal ones, they make the same number of tokens in most
 * vocabularies whatever they are, so that prompts stay equally long. It belongs before the system prompt where
 * there is one, since that would otherwise be a cached beginning, and else before the prompt.
 */
export function coldPrefix({
  run,
  round,
  phase,
  sample,
  occurrence,
  config = '',
}: ColdPrefixKey): string {
  const key = JSON.stringify([run, round, phase, sample, occurrence, config])
  const number = createHash('sha256').update(key).digest().readBigUInt64BE() % 10n ** BigInt(digits)
  return `${number.toString().padStart(digits, '0')}\n`
}
