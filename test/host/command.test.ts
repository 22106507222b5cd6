import { describe, expect, it } from 'vitest'
import { CommandFailure, runCommand } from '../../src/host/command.ts'

const node = process.execPath

describe('runCommand', () => {
  it('passes each argument unchanged, without a shell', async () => {
    const hostile = ['$(id)', '; rm -rf x', '`id`', 'a b', '"', '\n']
    const printed = await runCommand(node, [
      '-e',
      'process.stdout.write(JSON.stringify(process.argv.slice(1)))',
      '--',
      ...hostile,
    ])
    expect(JSON.parse(printed)).toEqual(hostile)
  })

  it('distinguishes a missing program, a program that fails, and one that times out', async () => {
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

  it('says that a program printed more than it reads', async () => {
    const print = `process.stdout.write('x'.repeat(${33 * 2 ** 20}))`
    await expect(runCommand(node, ['-e', print], { timeoutMs: 60_000 })).rejects.toThrow(
      'printed more than 32 MiB',
    )
  })

  it('ends the program when the signal aborts', async () => {
    const stop = new AbortController()
    const run = runCommand(node, ['-e', 'setInterval(() => {}, 1000)'], { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
  })

  it('returns at the timeout although a child of the program keeps the output open', async () => {
    const start = performance.now()
    await expect(
      runCommand('sh', ['-c', 'sleep 20 & sleep 20'], { timeoutMs: 300 }),
    ).rejects.toThrow('did not answer within 0.3 s')
    expect(performance.now() - start).toBeLessThan(15_000)
  })
})
