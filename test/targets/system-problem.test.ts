import { describe, expect, it } from 'vitest'
import { systemProblem } from '../../src/targets/system-problem.ts'
import { targetDrivers, type TargetDependencies } from '../../src/targets/target-drivers.ts'
import { recordedTools } from '../host/recorded-machine.ts'
import { configFor } from './config.ts'

const deps: TargetDependencies = {
  startEngine: () => Promise.reject(new Error('not on Windows')),
  engineProblem: () => Promise.resolve(undefined),
  tools: recordedTools({ platform: 'win32' }),
  env: {},
  settings: { ollama: { binaries: {} } },
  stateFolder: '/nowhere',
  folder: '/',
  onPull: () => undefined,
}

describe('systemProblem', () => {
  it('is absent on Linux and macOS', () => {
    expect(systemProblem('linux')).toBeUndefined()
    expect(systemProblem('darwin')).toBeUndefined()
  })

  it.each(['process', 'docker', 'embedded'] as const)(
    'makes a target of kind %s unavailable on Windows, and says what works there',
    async (kind) => {
      const { signal } = new AbortController()
      const available = await targetDrivers(deps)(kind).check(
        configFor({ kind: 'embedded' }),
        signal,
      )
      expect(available).toMatchObject({
        available: false,
        why: expect.stringContaining('on Windows, exp measures running servers only') as string,
        fix: expect.stringMatching(/target: \{url: .*or run exp in WSL/) as string,
      })
    },
  )
})
