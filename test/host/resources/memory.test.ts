import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { systemTools } from '../../../src/host/machine-tools.ts'
import {
  parseComputeApps,
  parsePs,
  parseShowPids,
  parseStatus,
  processFamily,
} from '../../../src/host/resources/memory.ts'
import { recordedTools } from '../recorded-machine.ts'

describe('the processes of a server', () => {
  const started: ChildProcess[] = []
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })

  /** A program that holds 60 MB, and starts another that holds 40 MB and ends with it. */
  async function startFamily(): Promise<number> {
    const hold = (megabytes: number) =>
      `const held = Buffer.alloc(${megabytes}e6, 1); setInterval(() => held[0], 1e6);`
    const child = `process.stdin.on('end', () => process.exit()).resume(); ${hold(40)} console.log('ready')`
    const parent = `
      ${hold(60)}
      const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}])
      child.stdout.once('data', () => console.log('ready'))
    `
    const family = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] })
    started.push(family)
    await once(family.stdout, 'data')
    return family.pid ?? NaN
  }

  it('are it and all that descend from it, with the memory that `ps` shows', async () => {
    const pid = await startFamily()
    const own = await processFamily(pid, systemTools())()
    expect(own.map(({ parent }) => parent)).toEqual([process.pid, pid])
    for (const { pid: each, residentBytes } of own) {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(each)])
      const shown = Number(stdout) * 1024
      expect(Math.abs(residentBytes / shown - 1)).toBeLessThan(0.1)
    }
    const [first = 0, second = 0] = own.map(({ residentBytes }) => residentBytes)
    expect(first).toBeGreaterThan(60e6)
    expect(second).toBeGreaterThan(40e6)
  })

  it('are an error once the server has ended', async () => {
    const pid = await startFamily()
    const [child] = started.splice(0)
    child?.kill('SIGKILL')
    await once(child!, 'exit')
    await expect(processFamily(pid, systemTools())()).rejects.toThrow('the server had ended')
  })

  it.runIf(process.platform === 'linux')(
    'are read without a search, which is repeated when one has ended and at every tenth call',
    async () => {
      const pid = await startFamily()
      const searched: string[] = []
      const tools = systemTools()
      const family = processFamily(pid, {
        ...tools,
        list: (path) => {
          searched.push(path)
          return tools.list(path)
        },
      })
      const [, child] = await family()
      const searches = [`/proc/${pid}/task`, `/proc/${child?.pid ?? 0}/task`]
      expect(searched).toEqual(searches)
      for (let call = 2; call <= 10; call += 1) expect(await family()).toHaveLength(2)
      expect(searched).toEqual(searches)
      expect(await family()).toHaveLength(2)
      expect(searched).toEqual([...searches, ...searches])
      process.kill(child?.pid ?? NaN, 'SIGKILL')
      await expect.poll(async () => (await family()).length).toBe(1)
    },
  )

  it('are found without the lists of children that some kernels lack', async () => {
    const pid = await startFamily()
    const tools = systemTools()
    const family = processFamily(pid, {
      ...tools,
      readText: (path) =>
        path.endsWith('/children')
          ? Promise.reject(new Error('no such file'))
          : tools.readText(path),
    })
    expect((await family()).map(({ parent }) => parent)).toEqual([process.pid, pid])
  })

  it('are listed by `ps` where there is no /proc', async () => {
    // not recorded: the columns of the real `ps` are tested below
    const commands = {
      'ps -ax -o pid= -o ppid= -o rss=':
        '    1     0  21344\n  612     1 118432\n 9021   612 5364736\n 9100     1  4096\n',
    }
    const own = await processFamily(612, recordedTools({ platform: 'darwin', commands }))()
    expect(own).toEqual([
      { pid: 612, parent: 1, residentBytes: 118_432 * 1024 },
      { pid: 9021, parent: 612, residentBytes: 5_364_736 * 1024 },
    ])
  })
})

describe('the parsers of memory', () => {
  it('read the real output of `ps`', async () => {
    const columns = ['-o', 'pid=', '-o', 'ppid=', '-o', 'rss=']
    const { stdout } = await promisify(execFile)('ps', ['-ax', ...columns])
    const all = parsePs(stdout)
    expect(all).toHaveLength(stdout.trim().split('\n').length)
    expect(all.find(({ pid }) => pid === process.pid)?.parent).toBe(process.ppid)
  })

  it('ignore threads of the kernel, which have no memory', () => {
    expect(parseStatus('Name:\tkthreadd\nPid:\t2\nPPid:\t0\n')).toBeUndefined()
    expect(parseStatus('Name:\tx\nPid:\t7\nPPid:\t1\nVmHWM:\t 90 kB\nVmRSS:\t    12 kB\n')).toEqual(
      {
        pid: 7,
        parent: 1,
        residentBytes: 12_288,
      },
    )
  })

  // not recorded: lines in the form that NVIDIA documents for `csv,noheader,nounits`
  it('add up the memory of a process on several NVIDIA GPUs', () => {
    expect([...parseComputeApps('48824, 238\n56654, 958\n48824, 364\n')]).toEqual([
      [48824, 602 * 2 ** 20],
      [56654, 958 * 2 ** 20],
    ])
    expect(parseComputeApps('\n').size).toBe(0)
  })

  it.each(['48824, [N/A]\n', '48824, [Not Supported]\n', '[Insufficient Permissions]\n'])(
    'reject what `nvidia-smi` prints if it does not report the memory: %j',
    (csv) => {
      expect(() => parseComputeApps(csv)).toThrow('does not say how much memory')
    },
  )

  // recorded: parts of outputs that users of `rocm-smi` published
  it('read the table of `rocm-smi --showpids` in two versions', () => {
    const older = `
============================ ROCm System Management Interface ============================
===================================== KFD Processes ======================================
KFD process information:
PID     PROCESS NAME    GPU(s)  VRAM USED       SDMA USED       CU OCCUPANCY
3722222 test_ref        0       0               0               0
1168514 pt_main_thread  1       177386942464    0               4
==========================================================================================
================================== End of ROCm SMI Log ===================================
`
    expect([...parseShowPids(older)]).toEqual([
      [3722222, 0],
      [1168514, 177_386_942_464],
    ])
    const newer =
      'WARNING: AMD GPU device(s) is/are in a low-power state. Check power control/runtime_status\n\n\nKFD process information:\nPID   \tPROCESS NAME\tGPU(s)\tVRAM USED  \tSDMA USED\tCU OCCUPANCY\t\n2728  \tllama-server\t1     \t302239744  \t0        \tUNKNOWN     \t\n417281\tllama-server\t1     \t22630404096\t0        \tUNKNOWN     \t\n'
    expect([...parseShowPids(newer)]).toEqual([
      [2728, 302_239_744],
      [417281, 22_630_404_096],
    ])
  })

  it('read that no process uses an AMD GPU, or that the driver does not report it', () => {
    const none = 'KFD process information:\nNo KFD PIDs currently running\n'
    expect(parseShowPids(none).size).toBe(0)
    const unknown =
      'KFD process information\nPID     PROCESS NAME    GPU(s)  VRAM USED       SDMA USED       CU OCCUPANCY\n55573   gmx_mpi         1       UNKNOWN         UNKNOWN         UNKNOWN     \n'
    expect(() => parseShowPids(unknown)).toThrow('does not say how much memory')
    expect(() => parseShowPids('ERROR: no amdgpu driver\n')).toThrow('lists no processes')
  })
})
