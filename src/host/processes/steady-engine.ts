/**
 * Keeps the JavaScript engine from disturbing the start of a measurement. It compiles what has become hot in threads of
 * its own, which may take the CPU on which this thread would read what arrives, for as long as a tick of the system's
 * clock: 4 ms on many systems. And it collects garbage, which stops this thread for milliseconds.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What compiles after this time disturbs less than a hundredth of the requests of any measurement that lasts so long. */
const maxHoldMs = 5_000

/**
 * Collects garbage now, and compiles nothing for some seconds, or until the returned function is called. Code that has
 * become hot before stays fast.
 */
export function steadyEngine(): () => void {
  collectGarbage()
  setFlagsFromString('--no-opt')
  const release = () => {
    clearTimeout(timer)
    setFlagsFromString('--opt')
  }
  const timer = setTimeout(release, maxHoldMs).unref()
  return release
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc()')
  setFlagsFromString('--no-expose-gc')
}
