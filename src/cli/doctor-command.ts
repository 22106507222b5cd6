import wrapAnsi from 'wrap-ansi'
import { z } from 'zod'
import { examineAndCleanUp } from '../doctor/doctor.ts'
import type { DoctorFinding } from '../doctor/finding.ts'
import { startEngine } from '../embedded/engine-process.ts'
import { engineProblem } from '../embedded/engine-package.ts'
import { systemTools, stateFolder, type MachineTools } from '../host/machine-tools.ts'
import { acquireMeasurementLock } from '../host/processes/measurement-lock.ts'
import { openRunQueue } from '../host/processes/run-queue.ts'
import { findRoot } from '../notebook/project.ts'
import { oneLine } from '../format/plain-text.ts'
import { dateAndMinute } from '../format/date.ts'
import { fitCalibration, measureCalibration } from '../run/calibration.ts'
import { timestamp } from '../run/clock.ts'
import { rehearse } from '../run/rehearsal.ts'
import { readCalibration, storeCalibration } from '../run/stored-calibration.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { paint, type Io } from './io.ts'
import { printJson } from './safe-output.ts'

const schema = z.object({
  calibrate: z.boolean().default(false),
  json: z.boolean().default(false),
})

/**
 * Prints what this machine can run, and how to fix what is missing. Always exits 0: missing programs are not errors.
 */
export async function doctor(rawOptions: object, io: Io): Promise<ExitCode> {
  const { env, signal } = io
  const { calibrate, json } = schema.parse(rawOptions)
  const tools = systemTools()
  if (calibrate) await calibrateTiming(tools, io)
  const findings = await examineAndCleanUp({
    tools,
    env,
    root: findRoot(io.cwd),
    stateFolder: stateFolder(env, tools.platform),
    startEngine,
    engineProblem: () => engineProblem(env),
    signal,
  })
  const all = [...findings, await timingFinding(io)]
  if (json) printJson(io.stdout, all)
  else io.stdout.write(findingsText(all, io))
  return exitCodes.done
}

/** Calibrates the load generator's estimate of its own timing error, while nothing else measures. */
async function calibrateTiming(tools: MachineTools, io: Io): Promise<void> {
  const { env, signal } = io
  const folder = stateFolder(env, tools.platform)
  const release = await acquireMeasurementLock(
    'exp doctor --calibrate',
    { stateFolder: folder, tools },
    signal,
    ({ what }) => io.stderr.write(`waiting: \`exp run\` is measuring (${what})\n`),
  )
  try {
    io.stderr.write('calibrating: sends small loads to a test server, for half a minute …\n')
    const { runQueue } = openRunQueue()
    await rehearse(runQueue, signal)
    const measured = await measureCalibration(runQueue, signal)
    const calibration = { takenAt: timestamp(io.now()), ...fitCalibration(measured) }
    await storeCalibration(env, process.versions.node, calibration)
  } finally {
    await release()
  }
}

/** Says whether this machine is calibrated. Trials scale the timing error that they store by the calibration. */
async function timingFinding({ env }: Io): Promise<DoctorFinding> {
  const what = 'own timing'
  const { node } = process.versions
  const calibration = await readCalibration(env, node)
  if (calibration === undefined)
    return {
      what,
      state: 'info',
      detail: `the load generator's estimate of its own timing error is not calibrated for Node ${node}`,
      fix: 'exp doctor --calibrate, on a quiet machine',
    }
  const { takenAt, factor, offsetMs } = calibration
  const detail = `calibrated ${dateAndMinute(takenAt)}: the error is ${offsetMs} ms + ${factor} × the estimate`
  return { what, state: 'good', detail }
}

function findingsText(findings: readonly DoctorFinding[], io: Io): string {
  const { green, yellow, dim } = paint(io.stdout, io.env)
  const signs = { good: green('✓'), lacking: yellow('✗'), info: dim('·') }
  const indent = Math.max(...findings.map(({ what }) => what.length)) + 4
  const width = Math.max(20, io.stdout.columns - indent)
  const lines = findings.flatMap(({ what, state, detail, fix, tries = [] }) => {
    const [first = '', ...more] = wrapped(detail, width)
    const fixes = fix === undefined ? [] : wrapped(`fix: ${fix}`, width)
    const commands = tries.flatMap((line) => wrapped(`try: ${line}`, width))
    const head = `${signs[state]} ${what.padEnd(indent - 2)}${first}`
    return [head, ...[...more, ...fixes, ...commands].map((line) => ' '.repeat(indent) + line)]
  })
  return `${lines.join('\n')}\n`
}

/** Wraps a text at spaces. A word that is longer than a line is not broken. */
function wrapped(sentence: string, width: number): readonly string[] {
  return wrapAnsi(oneLine(sentence), width).split('\n')
}
