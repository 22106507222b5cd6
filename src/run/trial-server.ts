/** The server of the trials that one start serves, one after another. */
import type { RunningTarget } from '../targets/target.ts'
import type { Placement } from './preflight.ts'

export class TrialServer {
  #running: RunningTarget | undefined

  /** The server that still runs, or a new one. Rejects if it does not start. */
  async start({ config, driver }: Placement, signal: AbortSignal): Promise<RunningTarget> {
    this.#running ??= await driver.start(config, signal)
    return this.#running
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  async stop(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    await running?.stop()
  }
}
