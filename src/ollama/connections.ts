/**
 * Connections to one server, each good for one request at a time. The one that was used last is used next;
 * a new one is opened where none is idle, and one that a request broke is thrown away.
 */
import { Client } from 'undici'
import type { BaseUrl } from './base-url.ts'

export class Connections {
  readonly #base: BaseUrl
  readonly #idle: Client[] = []
  readonly #busy = new Set<Client>()

  constructor(base: BaseUrl) {
    this.#base = base
  }

  take(): Client {
    const client = this.#idle.pop() ?? this.#open()
    this.#busy.add(client)
    return client
  }

  giveBack(client: Client): void {
    if (this.#busy.delete(client)) this.#idle.push(client)
  }

  throwAway(client: Client): void {
    if (this.#busy.delete(client)) void client.destroy()
  }

  /** Closes all of them; requests that are running fail. */
  async close(): Promise<void> {
    const all = [...this.#idle, ...this.#busy]
    this.#idle.length = 0
    this.#busy.clear()
    await Promise.all(all.map((client) => client.destroy()))
  }

  #open(): Client {
    return new Client(this.#base.origin, {
      pipelining: 1,
      // Our own timeout rules: a model may take minutes to load before the first byte, and between two.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: this.#base.connect ?? { timeout: 30_000 },
      // Idle connections are kept between the requests of an open loop.
      keepAliveTimeout: 60_000,
    })
  }
}
