import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { CommandFailure } from '../../../src/host/command.ts'
import { machineFact } from '../../../src/host/facts/machine-facts.ts'
import { machineId, readMachine } from '../../../src/host/facts/machine.ts'
import { systemTools, type MachineTools } from '../../../src/host/machine-tools.ts'
import {
  snapshotScript,
  snapshotTools,
} from '../../../src/targets/remote-process/machine-snapshot.ts'

describe('a snapshot of a machine', () => {
  it('shows the facts that the machine itself shows', async () => {
    const { stdout } = await promisify(execFile)('sh', ['-c', snapshotScript])
    const there = snapshotTools(stdout) ?? systemTools()
    const here = systemTools()
    expect(await machineId(there)).toBe(await machineId(here))
    const [shown, known] = await Promise.all([readMachine(there), readMachine(here)])
    for (const id of [
      'hostOs',
      'hostArchitecture',
      'cpuModel',
      'physicalCores',
      'memoryBytes',
      'gpu',
    ] as const)
      expect(machineFact(shown, id), id).toEqual(machineFact(known, id))
    expect(shown.map(({ missing }) => missing)).toEqual(known.map(({ missing }) => missing))
  })

  it('has every command that the facts about a Mac are read with', async () => {
    const commands: string[] = []
    const mac: MachineTools = {
      ...systemTools(),
      platform: 'darwin',
      run: (file, args) => {
        commands.push([file, ...args].join(' '))
        return Promise.reject(new CommandFailure('not-installed', 'recorded'))
      },
    }
    await readMachine(mac)
    await machineId(mac)
    expect(commands.length).toBeGreaterThan(9)
    const script = snapshotScript.split('\n')
    for (const command of new Set(commands)) expect(script).toContain(`run ${command}`)
  })

  it('reads what a Mac prints', async () => {
    const tools = snapshotTools(
      "Welcome!\nexp-section system\nDarwin\n24.6.0\narm64\n10\n\nexp-section ollama --version\nollama version is 0.11.3\n\nexp-section sw_vers\nProductName:\t\tmacOS\nProductVersion:\t\t15.6\nBuildVersion:\t\t24G84\n\nexp-section pmset -g batt\nNow drawing from 'AC Power'\n\n",
    )
    expect(tools).toMatchObject({ platform: 'darwin', architecture: 'arm64', cpuCount: 10 })
    const readings = tools === undefined ? [] : await readMachine(tools)
    expect(machineFact(readings, 'hostOs')).toMatch(/15\.6/)
    expect(machineFact(readings, 'powerSource')).toBe('ac')
    expect(await tools?.run('ollama', ['--version'])).toBe('ollama version is 0.11.3\n')
  })

  it('knows no other system', () => {
    expect(snapshotTools('exp-section system\nFreeBSD\n14.2\namd64\n4\n')).toBeUndefined()
    expect(snapshotTools('')).toBeUndefined()
  })
})
