/** A server that is started once, and used by several trials one after another. */
import type { RunningTarget } from '../targets/target.ts'
import type { Placement } from './preflight.ts'

export class TrialServer {
  #running: RunningTarget | undefined

  /**
   * Starts the server, or prepares the one that still runs for this config. Rejects if it does not start, or does not
   * load the model as the config requests; a running server is then stopped.
   */
  async start({ config, driver }: Placement, signal: AbortSignal): Promise<RunningTarget> {
    const running = this.#running
    if (running === undefined) {
      this.#running = await driver.start(config, signal)
      return this.#running
    }
    try {
      await running.prepare?.(config, signal)
    } catch (error) {
      await this.stop()
      throw error
    }
    return running
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
