/** Rules for workloads and rounds. */
import { quoted } from '../../errors/quote.ts'
import type { FileRule } from '../draft.ts'
import { parseDuration } from '../values/amount.ts'
import type { Reading } from '../values/reading.ts'
import { isRead } from '../values/reading.ts'

/** A request has a timeout above 0, and a window that waits for requests has a time limit of at least its duration. */
export const timeLimits: FileRule = ({ draft: { source, top } }) => {
  const { workload } = top
  if (workload === undefined) return []
  const { load, timeout } = workload
  const path = ['workload', 'load']
  if (timeout !== undefined && milliseconds(parseDuration(timeout)) === 0)
    return [
      source.problem(['workload', 'timeout'], {
        code: 'endless-load',
        message: 'without a timeout, a request that hangs never ends',
        hint: 'write how long one request may take: `timeout: 10m`',
      }),
    ]
  if (!('duration' in load) || !('users' in load)) return []
  if (load.atLeast !== undefined && load.atMost === undefined)
    return [
      source.problem(
        [...path, 'atLeast'],
        {
          code: 'endless-load',
          message: `the window waits for ${load.atLeast} requests without a time limit`,
          hint: 'add a limit: `atMost: 5m`',
        },
        'key',
      ),
    ]
  if (load.atMost === undefined) return []
  const [minMs, maxMs] = [load.duration, load.atMost].map((text) =>
    milliseconds(parseDuration(text)),
  )
  if (minMs === undefined || maxMs === undefined || maxMs >= minMs) return []
  return [
    source.problem([...path, 'atMost'], {
      code: 'wrong-value',
      message: `\`atMost\` ${quoted(load.atMost)} is shorter than \`duration\` ${quoted(load.duration)}`,
      hint: 'write a longer `atMost`, or remove it',
    }),
  ]
}

function milliseconds(reading: Reading<number>): number | undefined {
  return isRead(reading) ? reading.value : undefined
}

/** The users' starts are spread over a time that is known, and within the time in which they send requests. */
export const ramp: FileRule = ({ draft: { source, top } }) => {
  if (top.workload === undefined) return []
  const { load, warmup } = top.workload
  if (!('users' in load) || load.ramp === undefined) return []
  const path = ['workload', 'load', 'ramp']
  if (load.ramp === 'auto')
    return warmup?.requests === 0
      ? [
          source.problem(path, {
            code: 'wrong-value',
            message: '`ramp: auto` takes its time from the warm-up, which has no requests',
            hint: 'write a time, such as `ramp: 2s`, or remove `warmup`',
          }),
        ]
      : []
  if (!('duration' in load)) return []
  const [rampMs, durationMs] = [load.ramp, load.duration].map((text) =>
    milliseconds(parseDuration(text)),
  )
  if (rampMs === undefined || durationMs === undefined || rampMs < durationMs) return []
  return [
    source.problem(path, {
      code: 'wrong-value',
      message: `\`ramp\` ${quoted(load.ramp)} is not shorter than \`duration\` ${quoted(load.duration)}`,
      hint: 'write a shorter `ramp`: rates count from the start of the last user',
    }),
  ]
}

/** Either `rounds` or `until`; and an even number of rounds, which cancels drift. One round shows nothing. */
export const rounds: FileRule = ({ draft: { source, top } }) => {
  if (top.rounds !== undefined && top.until !== undefined)
    return [
      source.problem(
        ['until'],
        {
          code: 'rounds-and-until',
          message: '`until` replaces `rounds`, but both are set',
          hint: 'remove one of them; `maxRounds` limits `until`',
        },
        'key',
      ),
    ]
  if (top.rounds === 1)
    return [
      source.problem(['rounds'], {
        code: 'odd-rounds',
        severity: 'warning',
        message:
          'with one round, no latency and no rate has an interval, so that no claim about them gets a verdict',
        hint: 'write `rounds: 6`; to try the file out, use `exp run --try`',
      }),
    ]
  if (top.rounds === undefined || top.rounds % 2 === 0) return []
  const reversed = (top.rounds - 1) / 2
  return [
    source.problem(['rounds'], {
      code: 'odd-rounds',
      severity: 'warning',
      message: `with ${top.rounds} rounds, the configs run ${reversed + 1} times in one order and ${reversed} times in the reverse order, so drift does not cancel out completely`,
      hint: `use an even number: \`rounds: ${top.rounds + 1}\``,
    }),
  ]
}
