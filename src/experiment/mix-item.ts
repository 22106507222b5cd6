/**
 * One kind of the requests of a mix, as the file declares it. What it does not say is as in the config and its
 * workload.
 */
import type { Model, OptionValue } from './model.ts'

export interface MixItem {
  /** Stored with each request. Default: the name of its model. */
  readonly name: string
  /** Requests of this kind in a block of the schedule, at least 1. */
  readonly weight: number
  readonly model?: Model
  readonly system?: string
  readonly prompt?: string
  /** Merged over the options of the config, key by key. */
  readonly options?: Readonly<Record<string, OptionValue>>
  /** The dataset as the item names it. */
  readonly dataset?: string
}
