import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import path from 'node:path'
import { expect, it } from 'vitest'

const io = pathToFileURL(path.resolve('src/cli/io.ts')).href

/** Runs a script that writes until it is stopped, and then ends with 4. */
function start(script: string) {
  const code = `const { processIo } = await import(${JSON.stringify(io)}); const io = processIo(); ${script}`
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code])
}

it('a command whose readers go away continues to its end, and its exit code does not change', async () => {
  const child = start(`
    for (let at = 0; at < 50; at++) {
      io.stdout.write('line\\n')
      io.stderr.write('line\\n')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    process.exitCode = io.signal.aborted ? 130 : 4`)
  for (const stream of [child.stdout, child.stderr]) stream.once('data', () => stream.destroy())
  expect(await once(child, 'exit')).toEqual([4, null])
})

it('a command whose terminal is closed continues to its end', async () => {
  const child = start(`
    io.stdout.write('ready')
    setTimeout(() => undefined, 2_000)
    await new Promise((resolve) => io.terminalClosed.addEventListener('abort', resolve))
    process.exitCode = io.signal.aborted ? 130 : 4`)
  await once(child.stdout, 'data')
  child.kill('SIGHUP')
  expect(await once(child, 'exit')).toEqual([4, null])
})
