import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { steadyEngine } from '../../../src/host/processes/steady-engine.ts'

describe('steadyEngine', () => {
  it('collects what nothing refers to any more', async () => {
    const garbage = new WeakRef({})
    await new Promise((resolve) => setImmediate(resolve))
    steadyEngine()()
    expect(garbage.deref()).toBeUndefined()
  })

  it('compiles no code that becomes hot, until it is released', async () => {
    setFlagsFromString('--allow-natives-syntax')
    const statusOf = runInThisContext('(of) => %GetOptimizationStatus(of)') as (
      of: unknown,
    ) => number
    const isCompiled = () => (statusOf(hot) & turbofanned) !== 0
    const release = steadyEngine()
    for (let tries = 0; tries < 20; tries += 1) await heat()
    expect(isCompiled()).toBe(false)
    release()
    for (let tries = 0; tries < 200 && !isCompiled(); tries += 1) await heat()
    expect(isCompiled()).toBe(true)
  })
})

/** A bit of V8's `OptimizationStatus`. */
const turbofanned = 1 << 6

function hot(a: number, b: number): number {
  let sum = 0
  for (let index = 0; index < 3; index += 1) sum += a * b + index
  return sum
}

/** Calls `hot` often, and lets other threads of the engine run. */
async function heat(): Promise<void> {
  for (let index = 0; index < 100_000; index += 1) hot(index, 2)
  await sleep(1)
}
