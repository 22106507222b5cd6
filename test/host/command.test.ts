import { describe, expect, it } from 'vitest'
import { CommandFailure, runCommand } from '../../src/host/command.ts'

const node = process.execPath

describe('runCommand', () => {
  it('hands each argument over as it is, through no shell', async () => {
    const hostile = ['$(id)', '; rm -rf x', '`id`', 'a b', '"', '\n']
    const printed = await runCommand(node, [
      '-e',
      'process.stdout.write(JSON.stringify(process.argv.slice(1)))',
      '--',
      ...hostile,
    ])
    expect(JSON.parse(printed)).toEqual(hostile)
  })

  it('tells a missing program from a failing and from a slow one', async () => {
    const kind = (run: Promise<string>) =>
      run.then(
        () => 'none',
        (error: unknown) =>
          error instanceof CommandFailure ? `${error.kind}: ${error.message}` : '',
      )
    expect(await kind(runCommand('exp-no-such-program', []))).toBe(
      'not-installed: `exp-no-such-program` is not installed',
    )
    expect(await kind(runCommand(node, ['-e', 'console.error("why"); process.exit(3)']))).toContain(
      'failed: why',
    )
    expect(
      await kind(runCommand(node, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 300 })),
    ).toContain('did not answer within 0.3 s')
  })

  it('ends with the signal', async () => {
    const stop = new AbortController()
    const run = runCommand(node, ['-e', 'setInterval(() => {}, 1000)'], { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
  })
})
