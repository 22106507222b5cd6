/** `exp completion`: the scripts, loaded by the shells that this machine has. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'

/** A project with two experiments, and the script of a shell in it. */
async function project(shell: string) {
  const root = mkdtempSync(join(tmpdir(), 'exp-completion-'))
  mkdirSync(join(root, 'experiments'))
  for (const name of ['slots.yaml', 'threads.yml', 'data.csv'])
    writeFileSync(join(root, 'experiments', name), '')
  const io = memoryIo(root)
  expect(await runCommandLine(['completion', shell], io), io.err()).toBe(0)
  writeFileSync(join(root, 'script'), io.out())
  return { root, script: io.out() }
}

/** What bash offers for the last word of a command line. */
async function offered(root: string, ...words: readonly string[]): Promise<readonly string[]> {
  const line = words.map((word) => `'${word}'`).join(' ')
  const { stdout } = await execa(
    'bash',
    [
      '-c',
      `source ./script; COMP_WORDS=(exp ${line}); COMP_CWORD=${words.length}; _exp; printf '%s\n' "\${COMPREPLY[@]}"`,
    ],
    { cwd: root },
  )
  return stdout.split('\n')
}

const isInstalled = async (shell: string) =>
  (await execa('which', [shell], { reject: false })).exitCode === 0

describe('the completion for bash', () => {
  it.each([
    ['commands', ['ch'], ['check']],
    ['options', ['check', '--g'], ['--gate']],
    ['values of an option', ['diff', 'slots', '--format', ''], ['text', 'md']],
    ['ids of experiments', ['show', ''], ['slots', 'threads']],
    ['files', ['run', 'experiments/s'], ['experiments/slots.yaml']],
    ['commands of a command', ['engine', ''], ['add']],
    ['shells', ['completion', 'z'], ['zsh']],
  ])('offers %s', async (_, words, expected) => {
    const { root } = await project('bash')
    expect(await offered(root, ...words)).toEqual(expected)
  })
})

describe.each(['zsh', 'fish'])('the completion for %s', (shell) => {
  it('names every command and its options', async () => {
    const { script } = await project(shell)
    expect(script).toMatch(shell === 'zsh' ? /'check:for CI/ : /-f -a check -d 'for CI/)
    expect(script).toMatch(shell === 'zsh' ? /'--gate\[exit 1/ : /-l gate -d 'exit 1/)
  })

  it('is read without an error', async ({ skip }) => {
    if (process.env['CI'] !== 'true' && !(await isInstalled(shell))) skip()
    const { root } = await project(shell)
    const load =
      shell === 'zsh' ? 'autoload -U compinit; compinit -u -D; source ./script' : 'source ./script'
    const { stderr, stdout } = await execa(shell, ['-c', `${load} && echo loaded`], { cwd: root })
    expect({ stdout, stderr }).toEqual({ stdout: 'loaded', stderr: '' })
  })
})

it('refuses an unknown shell', async () => {
  const io = memoryIo('/')
  expect(await runCommandLine(['completion', 'cmd'], io)).toBe(2)
  expect(io.err()).toContain('bash, zsh, fish')
})
