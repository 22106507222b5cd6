import { afterEach, describe, expect, it } from 'vitest'
import { localServerUrl, surroundings } from '../../src/targets/surroundings.ts'
import { recordedTools } from '../host/recorded-machine.ts'
import { cannedServer, healthy } from './canned-server.ts'
import type { CannedServer } from './canned-server.ts'

const { signal } = new AbortController()
const open: CannedServer[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const calm = {
  '/proc/meminfo': 'MemTotal: 16000000 kB\nMemAvailable: 12000000 kB\n',
  '/proc/loadavg': '0.50 0.4 0.3 1/100 1\n',
}

function surroundingsOf(
  host: string,
  measured?: string,
  files: Readonly<Record<string, string>> = calm,
  folder = '/',
) {
  const tools = recordedTools({ platform: 'linux', files })
  return surroundings({ tools, env: { OLLAMA_HOST: host }, folder }, measured, signal)
}

async function startOtherOllama(): Promise<string> {
  const server = await cannedServer(healthy)
  open.push(server)
  return new URL(server.url).host
}

describe('surroundings', () => {
  it('lists each model that another Ollama on this machine has loaded, with the command that unloads it', async () => {
    const host = await startOtherOllama()
    expect(await surroundingsOf(host)).toEqual([
      `\`qwen3:0.6b\` (1.1 GB) is loaded in the Ollama at http://${host}; to unload: \`ollama stop qwen3:0.6b\``,
      `\`llama3:8b\` (0.0 GB) is loaded in the Ollama at http://${host}; to unload: \`ollama stop llama3:8b\``,
    ])
    const port = host.split(':')[1] ?? ''
    expect(await surroundingsOf(`0.0.0.0:${port}`)).toHaveLength(2)
    expect(open[0]?.requests.map(({ line }) => line)).toEqual(['GET /api/ps', 'GET /api/ps'])
  })

  it('says nothing about the measured server, about a server that does not answer, and about one on another machine', async () => {
    const host = await startOtherOllama()
    expect(await surroundingsOf(host, `http://localhost:${host.split(':')[1] ?? ''}`)).toEqual([])
    expect(await surroundingsOf('127.0.0.1:1')).toEqual([])
    expect(await surroundingsOf('gpu.example:11434')).toEqual([])
  })

  it('warns of load, low memory and battery, each with what to do', async () => {
    const files = {
      '/proc/meminfo': 'MemTotal: 16000000 kB\nMemAvailable: 800000 kB\n',
      '/proc/loadavg': '7.90 6.4 3.3 1/100 1\n',
      '/sys/class/power_supply/BAT0/type': 'Battery\n',
      '/sys/class/power_supply/BAT0/status': 'Discharging\n',
    }
    expect(await surroundingsOf('127.0.0.1:1', undefined, files)).toEqual([
      'the machine is busy: a load of 7.9 on 8 CPUs; stop other programs that use the CPU, or wait until they finish',
      'memory is low: 0.8 GiB of 15.3 GiB are free; close programs; if the machine swaps, the disk distorts the measurement',
      'the machine runs on battery, which makes many machines slower; plug it in',
    ])
  })
})

it.each([
  ['', 'http://127.0.0.1:11434'],
  ['gpu.lan', 'http://gpu.lan:11434'],
  ['"gpu.lan:8080"', 'http://gpu.lan:8080'],
  ['https://gpu.lan', 'https://gpu.lan:443'],
  ['http://gpu.lan/ollama', 'http://gpu.lan:80'],
  [':8080', 'http://127.0.0.1:8080'],
  ['0.0.0.0', 'http://127.0.0.1:11434'],
  ['[::]:8080', 'http://127.0.0.1:8080'],
  ['::1', 'http://[::1]:11434'],
  ['[2001:db8::7]:8080', 'http://[2001:db8::7]:8080'],
  ['gpu.lan:99999', 'http://127.0.0.1:11434'],
])('reads OLLAMA_HOST %j as Ollama does', (host, url) =>
  expect(localServerUrl({ OLLAMA_HOST: host })).toBe(url),
)
