/** `--gate` of `exp run` and `exp check`, against a server that always gives the same answer. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { answers, json, ScriptedOllama } from '../support/scripted-ollama.ts'

const experiment = (url: string, hypotheses: string) => `title: gates
locale: en
model: tiny
dataset: {name: greetings, samples: [{text: hello}, {text: bye}]}
workload:
  api: chat
  prompt: "Say {{text}}"
  load: {users: 1, requests: 4}
  warmup: {requests: 1}
rounds: 4
configs:
  only: {target: {url: "${url}"}}
hypotheses:
${hypotheses}
`
/** A claim about output tokens, which do not depend on the speed of this machine. */
const claim = (id: string, value: string, gate: boolean) =>
  `  - {id: ${id}, statement: s, gate: ${gate}, claim: {metric: outputTokens, config: only, value: "${value}"}}`

async function runAndCheck(...hypotheses: readonly string[]) {
  const server = await ScriptedOllama.start({
    generate: ({ path }) =>
      path === '/api/generate' ? json({ model: 'tiny', response: '', done: true }) : answers(),
  })
  const root = mkdtempSync(join(tmpdir(), 'exp-gate-'))
  mkdirSync(join(root, 'experiments'))
  const file = 'experiments/gates.yaml'
  writeFileSync(join(root, file), experiment(server.url, hypotheses.join('\n')))
  const exp = async (...args: readonly string[]) => {
    const io = memoryIo(root)
    const code = await runCommandLine(args, io)
    return {
      code,
      gates: io
        .err()
        .split('\n')
        .filter((line) => line.startsWith('gate:')),
      err: io.err(),
      out: io.out(),
    }
  }
  try {
    return {
      run: await exp('run', file, '--yes', '--gate'),
      check: await exp('check', '--gate'),
      ungated: await exp('check'),
    }
  } finally {
    await server.close()
  }
}

describe('a gate', () => {
  it('passes if the gated hypotheses are supported, and ignores the others', async () => {
    const { run, check } = await runAndCheck(claim('H1', '>= 1', true), claim('H2', '>= 99', false))
    expect(run, run.err).toMatchObject({ code: 0, gates: [] })
    expect(check).toMatchObject({ code: 0, gates: [] })
  })

  it('exits 1 before anything is measured if no hypothesis is gated', async () => {
    const { run } = await runAndCheck(claim('H1', '>= 1', false))
    expect(run).toMatchObject({ code: 1, out: '' })
    expect(run.err).toContain('no hypothesis is gated, so `--gate` has nothing to check')
  })

  it('exits 1 and names a gated hypothesis that is refuted, in `exp run` and in `exp check`', async () => {
    const { run, check, ungated } = await runAndCheck(
      claim('H1', '>= 99', true),
      claim('H2', '>= 1', true),
    )
    expect(run.out).toMatch(/^H1 ❌ .*; H2 ✅ .*$/m)
    const gates = ['gate: H1 (s) is not supported: its verdict is refuted']
    expect(run, run.err).toMatchObject({ code: 1, gates })
    expect(check).toMatchObject({ code: 1, gates })
    expect(ungated.code).toBe(0)
  })
})
