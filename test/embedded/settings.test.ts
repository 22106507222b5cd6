import { describe, expect, it } from 'vitest'
import {
  forever,
  formatGoDuration,
  parseGoDuration,
  parseKeepAlive,
} from '../../src/embedded/go-duration.ts'
import { slogLine } from '../../src/embedded/log-line.ts'
import {
  ModelNames,
  formatServerConfig,
  readServerSettings,
} from '../../src/embedded/server-settings.ts'
import { parseModelOptions } from '../../src/embedded/model-options.ts'
import { isHostAllowed, isOriginAllowed } from '../../src/embedded/http-server.ts'

describe('the environment', () => {
  it("has Ollama's defaults", () => {
    expect(readServerSettings({})).toMatchObject({
      host: '127.0.0.1',
      port: 11434,
      parallel: 1,
      maxQueue: 512,
      contextLength: 4096,
      keepAlive: 300_000_000_000n,
      flashAttention: 'auto',
      models: ['exp-embedded:latest'],
      warnings: [],
    })
  })

  it('is read without spaces and quotes; an invalid number gives a warning', () => {
    const settings = readServerSettings({
      OLLAMA_NUM_PARALLEL: ' "4" ',
      OLLAMA_MAX_QUEUE: '-1',
      OLLAMA_FLASH_ATTENTION: 'yes please',
      OLLAMA_KEEP_ALIVE: 'soon',
    })
    expect(settings).toMatchObject({
      parallel: 4,
      maxQueue: 512,
      flashAttention: true,
      keepAlive: 300_000_000_000n,
    })
    expect(settings.warnings).toEqual([{ name: 'OLLAMA_MAX_QUEUE', value: '-1', used: '512' }])
  })

  it.each([
    ['0.0.0.0', '0.0.0.0', 11434],
    [':8080', '0.0.0.0', 8080],
    ['127.0.0.1:0', '127.0.0.1', 0],
    ['http://example.com', 'example.com', 80],
    ['https://example.com/path', 'example.com', 443],
    ['[::1]:99', '::1', 99],
    ['[::1]', '::1', 11434],
    ['localhost:70000', 'localhost', 11434],
  ])('OLLAMA_HOST=%s is %s, port %i', (OLLAMA_HOST, host, port) => {
    expect(readServerSettings({ OLLAMA_HOST })).toMatchObject({ host, port })
  })

  it('prints the recognised variables in order', () => {
    const { effective } = readServerSettings({ OLLAMA_KEEP_ALIVE: '-1', OLLAMA_NUM_THREADS: '8' })
    const line = formatServerConfig(effective)
    expect(line).toMatch(/^map\[CUDA_VISIBLE_DEVICES: .*OLLAMA_NUM_PARALLEL:1 .*\]$/)
    expect(line).toContain('OLLAMA_KEEP_ALIVE:2562047h47m16.854775807s ')
    expect(line).not.toContain('THREADS')
  })
})

describe('durations', () => {
  it.each([
    ['5m', 300_000_000_000n, '5m0s'],
    ['1h30m', 5_400_000_000_000n, '1h30m0s'],
    ['1.5s', 1_500_000_000n, '1.5s'],
    ['300ms', 300_000_000n, '300ms'],
    ['2us', 2_000n, '2µs'],
    ['0', 0n, '0s'],
    ['-1s', -1_000_000_000n, '-1s'],
  ])('%s', (text, nanoseconds, printed) => {
    expect(parseGoDuration(text)).toBe(nanoseconds)
    expect(formatGoDuration(nanoseconds)).toBe(printed)
  })

  it.each(['', '5', 'm', '5 m', '1d', 'NaNs', '1..s'])('%j is not a duration', (text) => {
    expect(parseGoDuration(text)).toBeUndefined()
  })

  it('accepts seconds for keep_alive, and treats a negative number as forever', () => {
    expect(parseKeepAlive(10)).toBe(10_000_000_000n)
    expect(parseKeepAlive('10')).toBe(10_000_000_000n)
    expect(parseKeepAlive(-1)).toBe(forever)
    expect(parseKeepAlive('-5m')).toBe(forever)
    expect(parseKeepAlive('later')).toBeUndefined()
  })
})

describe('options', () => {
  it("have Ollama's defaults; null counts as absent", () => {
    const { load, sampling, unknownNames } = parseModelOptions({ num_ctx: null, colour: 1 }, true)
    expect(load).toMatchObject({
      numCtx: 0,
      numGpu: -1,
      numThread: 0,
      useMmap: undefined,
      shift: true,
    })
    expect(sampling).toMatchObject({
      numKeep: 4,
      seed: -1,
      topK: 40,
      topP: 0.9,
      temperature: 0.8,
      stop: [],
    })
    expect(unknownNames).toEqual(['colour'])
  })

  it.each([
    ['seed', 'x', 'integer'],
    ['temperature', true, 'float32'],
    ['use_mmap', 1, 'boolean'],
    ['stop', 'x', 'array'],
  ])('%s: %j is refused', (name, value, type) => {
    expect(() => parseModelOptions({ [name]: value }, true)).toThrow(
      `option "${name}" must be of type ${type}`,
    )
  })

  it('drop the fraction of an integer option, as Ollama does', () => {
    expect(parseModelOptions({ num_predict: 3.9 }, true).sampling.numPredict).toBe(3)
  })
})

describe('names', () => {
  it('are found without a tag, ignoring case, and with a registry that has a port', () => {
    const names = new ModelNames(['qwen3', 'localhost:5000/me/x'])
    expect(names.all).toEqual(['qwen3:latest', 'localhost:5000/me/x:latest'])
    expect(names.find('QWEN3:Latest')).toBe('qwen3:latest')
    expect(names.find('localhost:5000/me/x')).toBe('localhost:5000/me/x:latest')
    expect(names.find('qwen3:0.6b')).toBeUndefined()
    expect(names.find('')).toBeUndefined()
  })
})

describe('log lines', () => {
  it('quote values that are empty or contain a space or a quote', () => {
    const line = slogLine('INFO', 'a b', { plain: 1, empty: '', quoted: 'say "x"' })
    expect(line).toMatch(
      /^time=\S+ level=INFO source=embedded msg="a b" plain=1 empty="" quoted="say \\"x\\""$/,
    )
  })
})

describe('callers', () => {
  it.each([
    ['localhost:11434', true],
    ['127.0.0.1', true],
    ['[::1]:11434', true],
    ['192.168.1.5', true],
    ['box.internal', true],
    ['8.8.8.8', false],
    ['example.com', false],
  ])('of the host %s: %s', (host, isAllowed) => {
    expect(isHostAllowed(host, '127.0.0.1')).toBe(isAllowed)
    expect(isHostAllowed(host, '10.0.0.7')).toBe(true)
  })

  it.each([
    [undefined, true],
    ['http://localhost:3000', true],
    ['https://127.0.0.1', true],
    ['http://box:1', true],
    ['tauri://x', true],
    ['https://app.example.com', true],
    ['https://example.com', false],
    ['http://localhost.evil.com', false],
  ])('of the origin %s: %s', (origin, isAllowed) => {
    expect(isOriginAllowed(origin, 'box:1', ['https://*.example.com'])).toBe(isAllowed)
  })
})
