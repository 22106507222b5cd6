/** Rules for workloads and rounds. */
import { quoted } from '../../errors/quote.ts'
import type { Draft, FileRule } from '../draft.ts'
import type { Problem } from '../problem.ts'
import { inherit } from '../resolve/resolve-config.ts'
import { mergedLoad, workloadOf } from '../resolve/resolve-workload.ts'
import { schemaProblems } from '../schema/schema-problems.ts'
import { writtenLoad, type WrittenWorkload } from '../schema/written-workload.ts'
import type { Path, Source } from '../source/source.ts'
import { parseDuration } from '../values/amount.ts'
import type { Reading } from '../values/reading.ts'
import { isRead } from '../values/reading.ts'

/** A config's load, merged over the one that it inherits, is a valid load. */
export const loadsOfConfigs: FileRule = ({ draft: { source, configs, top } }) => {
  const base = top.workload?.load
  if (base === undefined) return []
  return [...configs].flatMap(([key, { load, from }]) => {
    if (load === undefined) return []
    const inherited = mergedLoad(
      base,
      from === undefined ? undefined : inherit(configs, from)?.load,
    )
    return schemaProblems(
      source,
      ['configs', key, 'load'],
      writtenLoad,
      mergedLoad(inherited, load),
    )
  })
}

/** The workload of the file, or of a config that has parts of its own. */
interface WorkloadPlace {
  readonly workload: WrittenWorkload
  /** The path of its load. */
  readonly path: Path
  readonly timeoutPath: Path
}

/** The problems of the file's workload; without any, those of the workloads that configs change. */
function problemsOfWorkloads(
  { source, configs, top: { workload } }: Draft,
  problemsOf: (place: WorkloadPlace, source: Source) => readonly Problem[],
): readonly Problem[] {
  if (workload === undefined) return []
  const ofFile = problemsOf(
    { workload, path: ['workload', 'load'], timeoutPath: ['workload', 'timeout'] },
    source,
  )
  if (ofFile.length > 0) return ofFile
  return [...configs].flatMap(([key, written]) => {
    if (written.load === undefined && written.workload === undefined) return []
    const merged = inherit(configs, key)
    const own = merged && workloadOf(workload, merged)
    const path = ['configs', key]
    const timeoutPath = [...path, 'workload', 'timeout']
    return own === undefined
      ? []
      : problemsOf({ workload: own, path: [...path, 'load'], timeoutPath }, source)
  })
}

/** A request has a timeout above 0, and a window that waits for requests has a time limit of at least its duration. */
export const timeLimits: FileRule = ({ draft }) => problemsOfWorkloads(draft, timeLimitProblems)

function timeLimitProblems(
  { workload: { load, timeout }, path, timeoutPath }: WorkloadPlace,
  source: Source,
): readonly Problem[] {
  if (timeout !== undefined && milliseconds(parseDuration(timeout)) === 0)
    return [
      source.problem(timeoutPath, {
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

/** The ramp has a known length, and is shorter than the duration of the load. */
export const ramp: FileRule = ({ draft }) => problemsOfWorkloads(draft, rampProblems)

function rampProblems(
  { workload: { load, warmup }, path: loadPath }: WorkloadPlace,
  source: Source,
): readonly Problem[] {
  if (!('users' in load) || load.ramp === undefined) return []
  const path = [...loadPath, 'ramp']
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

/** A pause is shorter than the duration of the load, so that a user sends more than one request. */
export const pause: FileRule = ({ draft }) => problemsOfWorkloads(draft, pauseProblems)

function pauseProblems({ workload: { load }, path: loadPath }: WorkloadPlace, source: Source) {
  if (!('users' in load) || !('duration' in load) || load.pause === undefined) return []
  const isText = typeof load.pause === 'string'
  const text = typeof load.pause === 'string' ? load.pause : load.pause.mean
  const [pauseMs, durationMs] = [text, load.duration].map((each) =>
    milliseconds(parseDuration(each)),
  )
  if (pauseMs === undefined || durationMs === undefined || pauseMs < durationMs) return []
  return [
    source.problem([...loadPath, 'pause', ...(isText ? [] : ['mean'])], {
      code: 'wrong-value',
      message: `the pause ${quoted(text)} is not shorter than \`duration\` ${quoted(load.duration)}`,
      hint: 'write a longer `duration`, in which each user sends several requests',
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
      message: `with ${top.rounds} rounds, the configs run ${reversed + 1} times in one order and ${reversed === 1 ? 'once' : `${reversed} times`} in the reverse order, so drift does not cancel out completely`,
      hint: `use an even number: \`rounds: ${top.rounds + 1}\``,
    }),
  ]
}
