/**
 * Keeps the JavaScript engine from disturbing the start of a measurement. The engine compiles hot code in other
 * threads. For up to a tick of the system's clock (4 ms on many systems), they may take the CPU that this thread needs
 * to read what arrives. The engine also collects garbage, which stops this thread for milliseconds.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * In a measurement of at least this length, compilations after this time disturb less than a hundredth of the requests.
 */
const maxHoldMs = 5_000

/**
 * Collects garbage now, and stops the compiler for some seconds, or until the returned function is called. Code that is
 * already compiled stays fast. From now on, this thread collects young garbage without helper threads, because those
 * would wait for a CPU if the server uses all of them.
 */
export function steadyEngine(): () => void {
  setFlagsFromString('--no-parallel-scavenge')
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
