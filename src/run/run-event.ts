/** What a run tells while it goes on; the command line turns it into lines. */
import type { LiveFigures } from '../load/live-figures.ts'
import type { TrialEnd } from '../results/record.ts'

export interface ScheduledTrial {
  readonly config: string
  readonly round: number
  /** Of an A/A run. */
  readonly side?: 'a' | 'b'
  /** Place in the order of the whole run, from 1. */
  readonly position: number
  /** Place among the trials that are measured now, from 1, and how many these are. */
  readonly index: number
  readonly total: number
}

export type RunEvent =
  | { readonly type: 'probing'; readonly config: string }
  | { readonly type: 'trial-started'; readonly trial: ScheduledTrial }
  | { readonly type: 'progress'; readonly trial: ScheduledTrial; readonly live: LiveFigures }
  | {
      readonly type: 'trial-ended'
      readonly trial: ScheduledTrial
      readonly outcome: TrialEnd['outcome'] | 'interrupted'
      readonly reason?: string
      readonly counts?: TrialEnd['counts']
      readonly live?: LiveFigures
    }
