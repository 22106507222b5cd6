/** The samples that prompts are made of, and the checks of their answers. */
import type { Scalar } from './model.ts'

export interface Dataset {
  readonly name: string
  readonly samples: readonly Sample[]
  readonly checks: readonly Check[]
  /** `sha256:…` of samples and checks. */
  readonly digest: string
  /** True if `exp.local.yaml` names it: the file is not part of the project. */
  readonly isPrivate?: true
  /**
   * A private dataset that is not on this machine has no samples here; a lock knows their number, the checks and the
   * digest.
   */
  readonly notOnThisMachine?: {
    readonly samples: number
    /** False if `keep` stores no digest of the dataset, so that it cannot be compared with the results here. */
    readonly isCompared: boolean
  }
}

export interface Sample {
  readonly id: string
  /** Fields that the prompt's template may use, including `id`. */
  readonly fields: Readonly<Record<string, Scalar>>
  readonly expected: Readonly<Record<string, Scalar>>
  /** Sent with the prompt. Absent without any. */
  readonly images?: readonly SampleImage[]
  /** Its place in a conversation, if it is a turn. The turns of one conversation follow each other. */
  readonly turn?: {
    /** The conversation's id. */
    readonly conversation: string
    /** From 1. */
    readonly number: number
  }
}

/** A picture that requests send. Records and digests of datasets contain its digest only. */
export interface SampleImage {
  /** As written. */
  readonly path: string
  /** SHA-256 of its bytes, in hexadecimal digits. */
  readonly digest: string
  readonly base64: string
}

export const measures = ['exact', 'contains', 'regex', 'json', 'closeness'] as const

export interface Check {
  readonly name: string
  /** Its name in reports. Default: `name`. */
  readonly label?: string
  /** Field of the JSON answer and of `expected`. Absent to check the whole answer. */
  readonly field?: string
  readonly measure: (typeof measures)[number]
  /** Only for `closeness`. */
  readonly range?: readonly [low: number, high: number]
  /** Only for `regex`. */
  readonly pattern?: string
}
