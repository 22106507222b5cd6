/**
 * Observes the socket of one connection: when a request's bytes left, and when bytes arrived. Arrived bytes wait, with
 * their time, until `deliver` hands them to undici, so that work on the bytes of one socket does not delay the times of
 * another.
 */
import type { OnReadOpts, Socket } from 'node:net'
import type { Arrival, ReadDelays } from './read-delays.ts'

/** If more bytes than this wait, they are delivered at once, so that they do not fill the memory. */
const maxWaitingBytes = 64 * 1024

/**
 * All sockets read into this buffer, and the bytes are then copied out of it. Otherwise Node would allocate a buffer of
 * the maximum size for each read, and collecting that garbage would delay reads.
 */
const readBuffer = Buffer.allocUnsafeSlow(maxWaitingBytes)

export class Wire {
  readonly #now: () => number
  readonly #queue: Pick<DeliveryQueue, 'add' | 'readAt'>
  #socket: Socket | undefined
  /** Bytes that arrived and were not delivered yet. Empty unless a request runs. */
  #arrivals: Arrival[] = []
  /** Called when undici has read all bytes of an arrival. Undefined while no request runs. */
  #onDelivered: (() => void) | undefined
  #waitingBytes = 0
  #isDelivering = false
  #delivered: Arrival | undefined
  #closedAt: number | undefined
  #sentAt = 0
  #hasArrival = false

  /** Pass it when opening the socket, so that reads allocate no buffer. A socket opened without it works too. */
  readonly onread: OnReadOpts = {
    buffer: readBuffer,
    callback: (size) => {
      const bytes = Buffer.allocUnsafe(size)
      readBuffer.copy(bytes, 0, 0, size)
      return this.#socket?.push(bytes) ?? true
    },
  }

  /** @param queue calls `deliver` for the bytes that wait */
  constructor(now: () => number, queue: Pick<DeliveryQueue, 'add' | 'readAt'>) {
    this.#now = now
    this.#queue = queue
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

  /** When the bytes that undici is reading arrived; the present time if it reads none. */
  get arrivedAt(): number {
    return this.#delivered?.at ?? this.#closedAt ?? this.#now()
  }

  /** The estimate of how long the bytes that undici is reading waited in the socket's buffer; 0 if it reads none. */
  get readDelayMs(): number {
    return this.#delivered?.delayMs ?? 0
  }

  /** Begins to observe this socket. Call it before undici adds its listeners. */
  attach(socket: Socket): void {
    this.#socket = socket
    this.#closedAt = undefined
    this.#arrivals = []
    this.#waitingBytes = 0
    this.end()
    const push = socket.push.bind(socket)
    const read = socket.read.bind(socket)
    const uncork = socket.uncork.bind(socket)
    // Bypasses the socket's own buffer: a queue there would cost as much as the read itself.
    socket.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
      if (this.#onDelivered === undefined) return push(chunk, encoding)
      if (chunk !== null) return this.#noteArrival(chunk)
      this.deliver()
      this.#closedAt = this.#now()
      return push(chunk)
    }
    // Node reads with a size, undici without one.
    socket.read = (size?: number): unknown => {
      if (size !== undefined) return read(size)
      if (this.#isDelivering) return this.#nextArrival() ?? read()
      return this.#onDelivered === undefined ? read() : null
    }
    // undici hands the head and the body of a request to the system together, by this call.
    socket.uncork = () => {
      if (!this.#hasArrival) this.#sentAt = this.#now()
      uncork()
    }
    // Bytes that arrived before the connection ended are delivered.
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

  #noteArrival(bytes: Buffer): true {
    const arrival = { at: this.#queue.readAt(), bytes, delayMs: 0 }
    this.#hasArrival = true
    this.#waitingBytes += bytes.length
    this.#arrivals.push(arrival)
    this.#queue.add(this, arrival)
    if (this.#waitingBytes > maxWaitingBytes) this.deliver()
    return true
  }

  #nextArrival(): Buffer | undefined {
    if (this.#delivered !== undefined) this.#onDelivered?.()
    this.#delivered = this.#arrivals.shift()
    if (this.#delivered === undefined) return undefined
    const { bytes } = this.#delivered
    this.#waitingBytes -= bytes.length
    return bytes
  }
}

/**
 * Delivers the bytes of all wires after the poll phase of the event loop, in which all sockets were read. Bytes often
 * arrive in a burst, so sockets are polled again until nothing more arrives: the first delivery would delay the rest of
 * the burst.
 */
export class DeliveryQueue {
  readonly #now: () => number
  readonly #delays: ReadDelays
  readonly #waiting: Wire[] = []
  /** When the first socket of this turn of the event loop was read. */
  #turnAt: number | undefined
  /** The number of sockets read in this turn. */
  #reads = 0
  /** While more bytes keep arriving, delivery waits until this time. */
  #burstUntil = 0
  /** True if bytes of several sockets wait, or waited together since the queue was empty. */
  #isBurst = false
  /** The value of `#isBurst` when the queue was last empty. */
  #wasBurst = false
  /** The number of polls in a row that returned no bytes. */
  #emptyPolls = 0

  constructor(now: () => number, delays: ReadDelays) {
    this.#now = now
    this.#delays = delays
  }

  /**
   * The time of arrival for the socket that is being read: the time at which the first socket of this turn was read.
   * All sockets of the turn had bytes by then, because one poll reports all sockets that have bytes, up to a limit.
   */
  readAt(): number {
    if (this.#reads % maxSocketsPerPoll === 0) this.#turnAt = undefined
    this.#reads += 1
    return (this.#turnAt ??= this.#now())
  }

  add(wire: Wire, arrival: Arrival): void {
    this.#delays.add(arrival)
    if (wire.waiting !== 1) return
    if (this.#waiting.push(wire) > 1) {
      this.#isBurst = true
      return
    }
    this.#wasBurst = this.#isBurst
    this.#isBurst = false
    this.#burstUntil = arrival.at + maxBurstMs
    this.#deliverAfterPoll()
  }

  #deliverAfterPoll(): void {
    setImmediate(this.#afterPoll)
  }

  readonly #afterPoll = () => {
    const reads = this.#reads
    this.#reads = 0
    this.#delays.settle()
    const time = this.#now()
    this.#emptyPolls = reads > 0 ? 0 : this.#emptyPolls + 1
    if (this.#mayContinue() && time < this.#burstUntil) this.#deliverAfterPoll()
    else this.#deliver(time + maxDeliveryMs)
  }

  /** True if more bytes of a burst may arrive. In a burst over many sockets, the server may pause. */
  #mayContinue(): boolean {
    const pauses = this.#waiting.length > 2 ? 3 : 1
    return (this.#isBurst || this.#wasBurst) && this.#emptyPolls < pauses
  }

  /** @param until when to poll the sockets again, so that arrivals do not wait for all deliveries */
  #deliver(until: number): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.deliver()
      if (this.#waiting.length === 0) {
        // The work after a request runs in microtasks, see below.
        if (next.isBusy) this.#delays.workEnded()
        else queueMicrotask(() => process.nextTick(() => this.#delays.workEnded()))
        return
      }
      if (this.#now() >= until) {
        this.#deliverAfterPoll()
        return
      }
      if (!next.isBusy) {
        // After a request, microtasks write its record and send the user's next request. They run first, and count as work.
        queueMicrotask(() => process.nextTick(() => this.#deliver(until)))
        return
      }
    }
  }
}

/** How long one turn of the event loop may deliver before it polls again. An empty turn takes about 0.03 ms. */
const maxDeliveryMs = 0.1
/** A server needs about this long to send one token to each of 256 streams. */
const maxBurstMs = 4

/** The number of sockets that libuv asks for in one poll. */
const maxSocketsPerPoll = 1024
