/**
 * The socket of one connection, seen from outside of undici: when a request's bytes left, and when bytes arrived. Bytes
 * that arrive wait, with their time, until `deliver` hands them to undici, so that work on the bytes of one socket does
 * not delay the times of another.
 */
import type { Socket } from 'node:net'
import type { Arrival, ReadDelays } from './read-delays.ts'

export class Wire {
  readonly #now: () => number
  readonly #onArrival: (wire: Wire, arrival: Arrival) => void
  #socket: Socket | undefined
  /** Bytes that arrived and were not delivered. Only while a request runs. */
  #arrivals: Arrival[] = []
  /** Called when undici has read all bytes of an arrival. Undefined while no request runs. */
  #onDelivered: (() => void) | undefined
  #isDelivering = false
  #delivered: Arrival | undefined
  #closedAt: number | undefined
  #sentAt = 0
  #hasArrival = false

  /** @param onArrival called when bytes wait to be delivered; must call `deliver` later */
  constructor(now: () => number, onArrival: (wire: Wire, arrival: Arrival) => void) {
    this.#now = now
    this.#onArrival = onArrival
  }

  /** True while a request runs. */
  get isBusy(): boolean {
    return this.#onDelivered !== undefined
  }

  /** The number of arrivals that wait to be delivered. */
  get waiting(): number {
    return this.#arrivals.length
  }

  /** When the last byte of the running request was handed to the system. */
  get sentAt(): number {
    return this.#sentAt
  }

  /** When the bytes arrived that undici reads now; the present, if it reads none. */
  get arrivedAt(): number {
    return this.#delivered?.at ?? this.#closedAt ?? this.#now()
  }

  /** How long these bytes lay in the system before they were read, as estimated; 0 if undici reads none. */
  get readDelayMs(): number {
    return this.#delivered?.delayMs ?? 0
  }

  /** Begins to observe this socket. Call it before undici adds its listeners. */
  attach(socket: Socket): void {
    this.#socket = socket
    this.#closedAt = undefined
    this.end()
    const push = socket.push.bind(socket)
    const read = socket.read.bind(socket)
    const uncork = socket.uncork.bind(socket)
    socket.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
      if (this.#onDelivered !== undefined) this.#noteArrival(chunk?.length)
      return push(chunk, encoding)
    }
    // Node reads with a size, undici without one.
    socket.read = (size?: number): unknown => {
      if (size !== undefined || this.#onDelivered === undefined) return read(size)
      return this.#isDelivering ? this.#nextArrival(read) : null
    }
    // undici hands head and body to the system at once, by this call.
    socket.uncork = () => {
      if (!this.#hasArrival) this.#sentAt = this.#now()
      uncork()
    }
    // Bytes that arrived before the end of the connection count.
    socket.on('error', () => this.deliver())
    socket.on('close', () => this.deliver())
  }

  /** Call it just before a request is written. */
  begin(onDelivered: () => void): void {
    this.#onDelivered = onDelivered
    this.#hasArrival = false
    this.#sentAt = this.#now()
  }

  /** Call it when the running request has ended. What arrives from now on goes to undici at once. */
  end(): void {
    this.#onDelivered = undefined
    this.#arrivals = []
  }

  /** Lets undici read everything that has arrived. */
  deliver(): void {
    if (this.#isDelivering || this.#arrivals.length === 0) return
    this.#isDelivering = true
    try {
      this.#socket?.emit('readable')
    } finally {
      this.#isDelivering = false
      this.#delivered = undefined
    }
  }

  #noteArrival(size: number | undefined): void {
    const at = this.#now()
    this.#hasArrival = true
    if (size === undefined) this.#closedAt = at
    else {
      const arrival = { at, size, delayMs: 0 }
      this.#arrivals.push(arrival)
      this.#onArrival(this, arrival)
    }
  }

  #nextArrival(read: (size?: number) => unknown): unknown {
    if (this.#delivered !== undefined) this.#onDelivered?.()
    const next = this.#arrivals.shift()
    if (next === undefined) return read()
    this.#delivered = next
    return read(next.size) ?? read()
  }
}

/** Delivers the bytes of all wires after the poll phase of the event loop, in which all sockets were read. */
export class DeliveryQueue {
  readonly #now: () => number
  readonly #delays: ReadDelays
  readonly #waiting: Wire[] = []

  constructor(now: () => number, delays: ReadDelays) {
    this.#now = now
    this.#delays = delays
  }

  add(wire: Wire, arrival: Arrival): void {
    this.#delays.add(arrival)
    if (wire.waiting === 1 && this.#waiting.push(wire) === 1) this.#deliverAfterPoll()
  }

  #deliverAfterPoll(): void {
    setImmediate(() => {
      this.#delays.settle()
      this.#deliver(this.#now() + maxDeliveryMs)
    })
  }

  /** Polls the sockets again at this time, because arrivals must not wait for all deliveries. */
  #deliver(until: number): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.deliver()
      if (this.#waiting.length === 0) {
        // What follows a request are microtasks, see below.
        if (next.isBusy) this.#delays.workEnded()
        else queueMicrotask(() => process.nextTick(() => this.#delays.workEnded()))
        return
      }
      if (this.#now() >= until) {
        this.#deliverAfterPoll()
        return
      }
      if (!next.isBusy) {
        // What follows a request, its record and the user's next request, are microtasks. They come first, and count.
        queueMicrotask(() => process.nextTick(() => this.#deliver(until)))
        return
      }
    }
  }
}

/** A poll costs about 0.03 ms, with what else happens once a turn of the event loop. */
const maxDeliveryMs = 0.4
