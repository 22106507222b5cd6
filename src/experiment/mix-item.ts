/**
 * One kind of the requests of a mix, as the file declares it. It inherits what it does not state from the config and
 * the workload.
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
