/** A client of the stream server that writes down the times of its requests. */
export interface Contender {
  readonly name: string
  /** Whether it is a program of others, whose threads and processes all take part. */
  readonly isPeer: boolean
  /** The program and its arguments. */
  readonly command: (load: Load) => readonly string[]
  /** What it wrote down; `printed` is its standard output. */
  readonly stated: (load: Load, printed: string) => Statement
}

/** Users that start together; each sends a request when its last one has ended. */
export interface Load {
  readonly url: string
  readonly users: number
  /** Requests per user. */
  readonly rounds: number
  /** CPUs that the contender has. */
  readonly cpus: number
  /** An empty folder for the contender's files. */
  readonly folder: string
}

export interface Statement {
  readonly requests: readonly StatedRequest[]
  /** CPU time of the load. */
  readonly cpuMs?: number
}

/** A request as the client states it, with what it estimates of its own errors. What it does not know is absent. */
export interface StatedRequest {
  readonly id: number
  readonly latencyMs: number
  readonly firstTokenMs?: number
  readonly estimatedErrorMs?: number
  readonly estimatedFirstTokenErrorMs?: number
}
