/** The connections for generation requests, and what is known about their sockets. */
import { buildConnector, Client } from 'undici'
import type { BaseUrl } from './base-url.ts'
import { ReadDelays, type LoopActivity } from './read-delays.ts'
import { DeliveryQueue, Wire } from './wire.ts'

const connectTimeoutMs = 30_000

export interface Connection {
  readonly client: Client
  readonly wire: Wire
}

/**
 * Each connection carries one request at a time. `take` returns the idle connection that was used last, or opens a new
 * one. A connection on which a request failed is discarded.
 */
export class Connections {
  readonly #origin: string
  /** Opens sockets. Undefined for plain http, where each connection's `Wire` decides how its socket is opened. */
  readonly #connect: buildConnector.connector | undefined
  readonly #now: () => number
  readonly #deliveries: DeliveryQueue
  readonly #idle: Connection[] = []
  readonly #busy = new Set<Connection>()

  constructor({ origin, connect }: BaseUrl, now: () => number, activity: LoopActivity) {
    this.#origin = origin
    const isPlain = connect === undefined && origin.startsWith('http:')
    this.#connect = isPlain ? undefined : (connect ?? buildConnector({ timeout: connectTimeoutMs }))
    this.#now = now
    this.#deliveries = new DeliveryQueue(now, new ReadDelays(now, activity))
  }

  take(): Connection {
    const connection = this.#idle.pop() ?? this.#open()
    this.#busy.add(connection)
    return connection
  }

  release(connection: Connection): void {
    if (this.#busy.delete(connection)) this.#idle.push(connection)
  }

  discard(connection: Connection): void {
    if (this.#busy.delete(connection)) void connection.client.destroy()
  }

  /** Closes all connections. Running requests fail. */
  async close(): Promise<void> {
    const all = [...this.#idle, ...this.#busy]
    this.#idle.length = 0
    this.#busy.clear()
    await Promise.all(all.map(({ client }) => client.destroy()))
  }

  #open(): Connection {
    const wire = new Wire(this.#now, this.#deliveries)
    const connect =
      this.#connect ?? buildConnector({ timeout: connectTimeoutMs, onread: wire.onread })
    const client = new Client(this.#origin, {
      pipelining: 1,
      // 0 turns off undici's own timeouts: a model may take minutes to load, and `generate` has a time limit.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) =>
        connect(options, (...result) => {
          const [error, socket] = result
          if (error === null) wire.attach(socket)
          callback(...result)
        }),
      // Keeps idle connections open between the requests of an open loop.
      keepAliveTimeout: 60_000,
    })
    return { client, wire }
  }
}
