import { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ReadDelays } from '../../src/ollama/read-delays.ts'
import { DeliveryQueue, Wire } from '../../src/ollama/wire.ts'

/** A clock that the test sets, and connections whose readers log what they read, and when it arrived. */
function setUp() {
  const clock = { time: 0 }
  const now = () => clock.time
  const delays = new ReadDelays(now, { idleMs: () => 0, runQueue: () => undefined })
  const queue = new DeliveryQueue(now, delays)
  const read: string[] = []
  const open = (name: string, workMs = 0) => {
    const wire = new Wire(now, queue)
    const socket = new Socket()
    wire.attach(socket)
    socket.on('readable', () => {
      for (;;) {
        const bytes = socket.read() as Buffer | null
        if (bytes === null) break
        read.push(`${name} ${bytes.toString()} at ${wire.arrivedAt}`)
        clock.time += workMs
      }
    })
    return { wire, socket }
  }
  const arrive = (socket: Socket, text: string, at: number) => {
    clock.time = at
    socket.push(Buffer.from(text))
  }
  return { clock, read, open, arrive }
}

describe('a wire', () => {
  it('has the time at which the first bytes of a turn were read, however long the work takes', async () => {
    const { read, open, arrive } = setUp()
    const [a, b] = [open('a', 1000), open('b', 1000)]
    a.wire.begin(() => undefined)
    b.wire.begin(() => undefined)
    arrive(a.socket, '1', 10)
    arrive(b.socket, '1', 11)
    arrive(a.socket, '2', 12)
    expect(read).toEqual([])
    await nextTurn()
    await nextTurn()
    await nextTurn()
    expect(read).toEqual(['a 1 at 10', 'a 2 at 10', 'b 1 at 10'])
  })

  it('polls the sockets again before it delivers, while bytes arrive at several', async () => {
    const { clock, read, open, arrive } = setUp()
    const [a, b, c] = [open('a', 1000), open('b'), open('c')]
    for (const { wire } of [a, b, c]) wire.begin(() => undefined)
    arrive(a.socket, '1', 10)
    arrive(b.socket, '1', 10)
    clock.time = 10.1
    await nextTurn()
    expect(read).toEqual([])
    arrive(c.socket, '1', 10.2)
    // a pause within a burst of many
    await nextTurn()
    await nextTurn()
    await nextTurn()
    expect(read).toEqual([])
    for (let turn = 0; turn < 4; turn += 1) await nextTurn()
    expect(read).toEqual(['a 1 at 10', 'b 1 at 10', 'c 1 at 10.2'])
    // the next burst may begin with one socket
    arrive(a.socket, '2', 2000)
    await nextTurn()
    expect(read).toHaveLength(3)
  })

  it('delivers bytes at once if they come at one socket after the other', async () => {
    const { read, open, arrive } = setUp()
    const [a, b] = [open('a'), open('b')]
    a.wire.begin(() => undefined)
    b.wire.begin(() => undefined)
    arrive(a.socket, '1', 10)
    await nextTurn()
    expect(read).toEqual(['a 1 at 10'])
    arrive(b.socket, '1', 10.1)
    await nextTurn()
    expect(read).toEqual(['a 1 at 10', 'b 1 at 10.1'])
  })

  it('does not wait for the end of a burst for longer than 4 ms', async () => {
    const { read, open, arrive } = setUp()
    const [a, b] = [open('a'), open('b')]
    a.wire.begin(() => undefined)
    b.wire.begin(() => undefined)
    arrive(a.socket, '1', 10)
    arrive(b.socket, '1', 14)
    await nextTurn()
    expect(read).toEqual(['a 1 at 10', 'b 1 at 10'])
  })

  it('keeps bytes after the end of an answer for undici, which then closes the connection', async () => {
    const { read, open, arrive } = setUp()
    const { wire, socket } = open('a')
    wire.begin(() => wire.end())
    arrive(socket, '1', 10)
    arrive(socket, 'stray', 10)
    await nextTurn()
    await nextTurn()
    expect(read).toEqual(['a 1 at 10', 'a stray at 10'])
  })

  it('delivers at once what is too much to keep', () => {
    const { read, open } = setUp()
    const { wire, socket } = open('a')
    let delivered = 0
    wire.begin(() => (delivered += 1))
    for (let count = 0; count < 3; count += 1) socket.push(Buffer.alloc(30_000))
    expect(delivered).toBe(3)
    expect(read).toHaveLength(3)
  })

  it('says when an arrival was read completely, and keeps two arrivals apart', async () => {
    const { read, open, arrive } = setUp()
    const { wire, socket } = open('a')
    wire.begin(() => read.push('delivered'))
    arrive(socket, '1', 10)
    arrive(socket, '2', 10)
    await nextTurn()
    await nextTurn()
    expect(read).toEqual(['a 1 at 10', 'delivered', 'a 2 at 10', 'delivered'])
  })

  it('delivers what has arrived before the connection ends', async () => {
    const { read, open, arrive } = setUp()
    const { wire, socket } = open('a')
    socket.on('error', () => read.push('error'))
    wire.begin(() => undefined)
    arrive(socket, '1', 10)
    socket.destroy(new Error('reset'))
    await nextTurn()
    expect(read).toEqual(['a 1 at 10', 'error'])
  })

  it('lets the sockets be polled again if the work takes long', async () => {
    const { read, open, arrive } = setUp()
    const [a, b] = [open('a', 1000), open('b')]
    a.wire.begin(() => undefined)
    b.wire.begin(() => undefined)
    arrive(a.socket, '1', 10)
    arrive(b.socket, '1', 15)
    setImmediate(() => read.push('next turn'))
    await nextTurn()
    await nextTurn()
    expect(read).toEqual(['a 1 at 10', 'next turn', 'b 1 at 10'])
  })

  it('finishes the work on a request before it delivers the bytes of other requests', async () => {
    const { read, open, arrive } = setUp()
    const [a, b] = [open('a'), open('b')]
    a.wire.begin(() => {
      a.wire.end()
      void Promise.resolve()
        .then(() => undefined)
        .then(() => read.push('a ended'))
    })
    b.wire.begin(() => undefined)
    arrive(a.socket, '1', 10)
    arrive(b.socket, '1', 15)
    await nextTurn()
    expect(read).toEqual(['a 1 at 10', 'a ended', 'b 1 at 10'])
  })

  it('passes bytes on at once while no request runs', async () => {
    const { clock, read, open, arrive } = setUp()
    const { wire, socket } = open('a')
    wire.begin(() => undefined)
    wire.end()
    arrive(socket, 'stray', 10)
    clock.time = 50
    await new Promise((resolve) => process.nextTick(resolve))
    expect(read).toEqual(['a stray at 50'])
  })

  it('has the time at which the bytes of the request were handed to the system', () => {
    const { clock, open, arrive } = setUp()
    const { wire, socket } = open('a')
    clock.time = 5
    wire.begin(() => undefined)
    expect(wire.sentAt).toBe(5)
    clock.time = 7
    socket.uncork()
    expect(wire.sentAt).toBe(7)
    arrive(socket, '1', 9)
    socket.uncork()
    expect(wire.sentAt).toBe(7)
  })
})
