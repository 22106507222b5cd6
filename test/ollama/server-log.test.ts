import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseGoMap, withoutPaths } from '../../src/ollama/runner-command.ts'
import { ServerLog } from '../../src/ollama/server-log.ts'
import { cpuRunner, llamaServer, metalRunner } from './recorded-logs.ts'

const cpuRunnerFile = /sha256-\w+/.exec(cpuRunner)?.[0] ?? ''

function factsOf(text: string) {
  const log = new ServerLog()
  log.readText(text)
  return log.facts()
}

function serverConfig(text: string): unknown {
  const json = factsOf(text).serverConfig
  return typeof json === 'string' ? JSON.parse(json) : undefined
}

function inDockersFile(text: string): string {
  return text
    .split('\n')
    .map((line) => JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: '2026-01-20' }))
    .join('\n')
}

describe('ServerLog', () => {
  it('reads settings from the runner’s flags, up to 0.11.4', () => {
    expect(factsOf(metalRunner)).toMatchObject({
      serverVersion: '0.11.3',
      computeDevice: 'Metal',
      slots: 4,
      contextTotal: 16384,
      batchSize: 512,
      threads: 6,
      layersOffloaded: 29,
      layersTotal: 29,
      loadCount: 1,
      truncatedPrompts: 0,
      crashes: 0,
      ignoredOptions: '[]',
    })
  })

  it('reads lines that only look like those of the file in which Docker keeps a log', () => {
    const lines = ['{"toString":1,"valueOf":1}', 'null', '[]', '1'].map((log) => `{"log":${log}}`)
    expect(factsOf(`${lines.join('\n')}\n${metalRunner}`)).toEqual(factsOf(metalRunner))
  })

  it('reads threads and layers of the versions up to 0.4, which have other lines', () => {
    const loads = (text: string) =>
      factsOf(`${text}time=x msg="llama runner started in 1.20 seconds"\n`)
    const start = (cmd: string) => `time=x level=INFO msg="starting llama server" cmd="${cmd}"\n`
    const file = '/m/blobs/sha256-a --ctx-size 2048 --batch-size 512'
    // 0.1.32
    const json = `${start(`ollama_llama_server --model ${file}`)}{"function":"main","level":"INFO","line":2802,"msg":"system info","n_threads":6,"n_threads_batch":-1,"total_threads":12}\n`
    expect(loads(json)).toMatchObject({ threads: 6, loadCount: 1 })
    // 0.3
    const text = `${start(`ollama_llama_server --model ${file} --parallel 4`)}INFO [main] system info | n_threads=16 n_threads_batch=-1 tid="1" total_threads=32\nllm_load_tensors: offloaded 27/33 layers to GPU\n`
    expect(loads(text)).toMatchObject({
      threads: 16,
      slots: 4,
      layersOffloaded: 27,
      layersTotal: 33,
    })
    // 0.4.1
    const go = `time=x level=INFO source=memory.go:343 msg="offload to cuda" layers.requested=-1 layers.model=29 layers.offload=20 layers.split=""\n${start(`ollama_llama_server --model ${file} --n-gpu-layers 20 --threads 8 --parallel 4`)}`
    expect(loads(go)).toMatchObject({ threads: 8, layersOffloaded: 20, layersTotal: 29 })
  })

  it.each(['/tmp/ollama1/runners', String.raw`C:\\Users\\Ann\\ollama\\runners`])(
    'see that a runner for the CPU in %s offloads nothing, whatever the server planned',
    (folder) => {
      const separator = folder.startsWith('/') ? '/' : '\\\\'
      const runner = [folder, 'cpu_avx2', 'ollama_llama_server'].join(separator)
      const log = new ServerLog()
      log.readText(
        `msg="offload to cuda" layers.requested=-1 layers.model=33 layers.offload=33\nmsg="starting llama server" cmd="${runner} --model /m/sha256-a --ctx-size 8192 --n-gpu-layers 33 --parallel 4"\nmsg="llama runner started in 1.20 seconds"\n`,
      )
      expect(log.facts()).toMatchObject({ layersOffloaded: 0, layersTotal: 33, slots: 4 })
    },
  )

  it('reads the model that a server up to 0.1.31 loads into its own process', () => {
    const load = (file: string) =>
      [
        'msg="Loading Dynamic llm server: /tmp/ollama1/cpu_avx2/libext_server.so"',
        'msg="Initializing llama server"',
        'level=DEBUG msg="server params: {model:0x7f n_ctx:2048 n_batch:512 n_threads:4 n_parallel:1}"',
        `llama_model_loader: loaded meta data with 26 key-value pairs and 995 tensors from /m/blobs/${file} (version GGUF V3 (latest))`,
        'llm_load_tensors: offloaded 33/33 layers to GPU',
        'msg="Starting llama main loop"\n',
      ].join('\n')
    const log = new ServerLog()
    log.readText(load('sha256:a'))
    expect(log.facts()).toMatchObject({
      ...{ threads: 4, slots: 1, layersOffloaded: 33, layersTotal: 33, loadCount: 1 },
    })
    log.startCounting()
    log.readText(load('sha256:b') + load('sha256:a'))
    expect(log.facts()).toMatchObject({ loadCount: 1, otherModelLoads: 1 })
  })

  it('reads settings from the committed load request, up to 0.2x, whatever prefix lines have', () => {
    expect(factsOf(cpuRunner)).toMatchObject({
      serverVersion: '0.17.4',
      computeDevice: 'CPU',
      slots: 2,
      contextTotal: 8192,
      batchSize: 512,
      threads: 4,
      flashAttention: 'off',
      kvCacheType: 'f16',
      layersOffloaded: 0,
      layersTotal: 29,
      loadCount: 1, // the log says so twice
      truncatedPrompts: 2,
      ignoredOptions: '["mirostat"]',
    })
  })

  it('reads settings from llama-server’s flags and from its reports, from 0.30 on', () => {
    expect(factsOf(llamaServer)).toMatchObject({
      serverVersion: '0.33.0',
      computeDevice: 'CUDA',
      slots: 2,
      contextTotal: 65536,
      batchSize: 1024,
      threads: 8,
      flashAttention: 'on',
      kvCacheType: 'q8_0',
      layersOffloaded: 20,
      layersTotal: 29,
      loadCount: 1,
    })
  })

  it('returns the effective value of each variable, without paths, addresses and passwords', () => {
    expect(serverConfig(metalRunner)).toMatchObject({
      OLLAMA_NUM_PARALLEL: '4',
      OLLAMA_KV_CACHE_TYPE: '',
      OLLAMA_MODELS: '…',
      OLLAMA_HOST: '…',
      OLLAMA_ORIGINS: expect.stringContaining('http://localhost ') as string,
    })
    expect(serverConfig(metalRunner)).not.toHaveProperty('OLLAMA_NUM_THREADS')
    for (const text of [metalRunner, cpuRunner, llamaServer])
      expect(JSON.stringify(factsOf(text))).not.toMatch(/someone|user:pass|\/root|\/usr\/|\/Users/)
  })

  it('returns the runner’s command without folders and without the port', () => {
    expect(factsOf(metalRunner).runnerCommand).toBe(
      'ollama runner --ollama-engine --model sha256-7f4030143c1c477224c5434f8272c662a8b042079a0a584f0a27a1684fe2e1fa --ctx-size 16384 --batch-size 512 --n-gpu-layers 29 --threads 6 --parallel 4',
    )
  })

  it('forgets the facts of a previous server and of a previous model', () => {
    const facts = factsOf(metalRunner + cpuRunner)
    expect(facts.serverVersion).toBe('0.17.4')
    expect(facts.computeDevice).toBe('CPU')
    expect(facts.loadCount).toBe(2)
    const again = factsOf(
      llamaServer + 'msg="starting llama-server" cmd="/x/llama-server --model y -c 4096 -np 1"\n',
    )
    expect(again).toMatchObject({ slots: 1, contextTotal: 4096, computeDevice: 'CUDA' })
    expect(again).not.toHaveProperty('layersOffloaded')
    expect(again).not.toHaveProperty('kvCacheType')
  })

  it('counts reloads and crashes from the call of startCounting', () => {
    const log = new ServerLog()
    log.readText(cpuRunner)
    log.startCounting()
    expect(log.facts()).toMatchObject({ loadCount: 0, truncatedPrompts: 0 })
    log.readText(
      `level=INFO msg="starting runner" cmd="ollama runner --model /m/${cpuRunnerFile}"\nlevel=INFO msg="llama runner started in 0.50 seconds"\nlevel=ERROR source=server.go:459 msg="llama runner terminated" error="signal: killed"\n`,
    )
    expect(log.facts()).toMatchObject({ loadCount: 1, otherModelLoads: 0, crashes: 1 })
  })

  it('counts a crash once, although several lines are about it', () => {
    const log = new ServerLog()
    const start = 'msg="starting runner" cmd="ollama runner --model /m/sha256-a"\n'
    const crash =
      'panic: failed to allocate [recovered]\n\tpanic: failed to allocate\nmsg="llama runner terminated" error="exit status 2"\n'
    log.readText(start)
    log.startCounting()
    log.readText(crash + start + crash)
    expect(log.crashes).toBe(2)
  })

  it('gives no facts of another model for the measured one if it does not show how the measured one was started', () => {
    const log = new ServerLog()
    log.readText(
      'msg="starting runner" cmd="ollama runner --model /m/sha256-embed --ctx-size 2048 --parallel 1"\noffloaded 0/13 layers to GPU\nmsg="llama runner started in 1 seconds"\n',
    )
    log.startCounting('sha256-main')
    expect(log.facts()).not.toHaveProperty('layersOffloaded')
    expect(log.facts()).toMatchObject({ loadCount: 0, otherModelLoads: 0 })
  })

  it('reads lines of the file in which Docker keeps a log', () => {
    const lines = inDockersFile(metalRunner)
    expect(factsOf(lines)).toEqual(factsOf(metalRunner))
  })

  it('reads commands whose paths contain spaces, and names no folder of them', () => {
    const windows = String.raw`msg="starting llama server" cmd="C:\\Users\\Jane Doe\\Ollama\\ollama.exe runner --model C:\\Users\\Jane Doe\\.ollama\\blobs\\sha256-a --ctx-size 8192 --mmproj C:\\Users\\Jane Doe\\.ollama\\blobs\\sha256-b --parallel 2"`
    const mac =
      'msg="starting llama-server" cmd="/Volumes/My Disk/Ollama.app/llama-server --model /Volumes/My Disk/blobs/sha256-a --port 1 -c 8192 -np 2 -ngl -1"'
    expect(factsOf(windows)).toMatchObject({
      slots: 2,
      contextLength: 4096,
      runnerCommand:
        'ollama.exe runner --model sha256-a --ctx-size 8192 --mmproj sha256-b --parallel 2',
    })
    expect(factsOf(mac).runnerCommand).toBe('llama-server --model sha256-a -c 8192 -np 2 -ngl -1')
    expect(
      serverConfig('msg="server config" env="map[OLLAMA_TMPDIR:/Users/Jane Doe/tmp A_B:1]"'),
    ).toEqual({ OLLAMA_TMPDIR: 'tmp', A_B: '1' })
  })

  it('counts the cached tokens of a request once, although each batch of a long prompt logs a line', () => {
    const log = new ServerLog()
    const line = (slot: number, task: number, tokens: number) =>
      log.read(
        `slot   operator(): id  ${slot} | task ${task} | cached n_tokens = ${tokens}, memory_seq_rm [${tokens}, end)`,
      )
    line(0, 1, 500)
    log.startCounting()
    expect(log.facts()).not.toHaveProperty('cachedTokens')
    line(0, 7, 100)
    line(1, 8, 20)
    line(0, 7, 612)
    line(1, 9, 3)
    expect(log.facts().cachedTokens).toBe(123)
  })

  it('returns the context with which another client reloaded the model', () => {
    const load = (model: string, context: number, slots = 2) =>
      `msg="starting llama-server" cmd="/x/llama-server --model ${model} -c ${context} -np ${slots}"\nmsg="llama-server started in 0.50 seconds"\n`
    const after = (...loads: readonly string[]) => {
      const log = new ServerLog()
      log.readText(load('/m/a', 8192))
      log.startCounting()
      log.readText(loads.join(''))
      return log.facts()
    }
    expect(after(load('/m/a', 65536), load('/m/a', 8192))).toMatchObject({ otherContext: 32768 })
    // The same context again, another model, and a load with an unknown context.
    const irrelevant = [
      load('/m/a', 8192),
      load('/m/b', 65536),
      load('/m/a', 65536).replace('-c', '-x'),
    ]
    for (const one of irrelevant) expect(after(one)).not.toHaveProperty('otherContext')
  })

  it('keeps the facts of the measured model while another one is loaded', () => {
    const load = (model: string, context: number, slots: number, layers: string) =>
      `msg="starting llama-server" cmd="/x/llama-server --model /m/${model} -c ${context} -np ${slots}"\nload_tensors: offloaded ${layers} layers to GPU\nmsg="llama-server started in 0.50 seconds"\n`
    const [main, embed] = [load('main', 16384, 4, '29/29'), load('embed', 2048, 1, '0/13')]
    const facts = { slots: 4, contextTotal: 16384, contextLength: 4096, layersOffloaded: 29 }
    const later = new ServerLog()
    later.readText(main)
    later.startCounting()
    later.readText(embed)
    expect(later.facts()).toMatchObject({ ...facts, loadCount: 0, otherModelLoads: 1 })
    const earlier = new ServerLog()
    earlier.readText(main + embed)
    earlier.startCounting('main')
    expect(earlier.facts()).toMatchObject({ ...facts, loadCount: 0, otherModelLoads: 0 })
  })

  it('reads lines of older versions, which have no msg=', () => {
    expect(
      serverConfig(
        '2025/03/05 06:19:02 routes.go:1215: INFO server config env="map[OLLAMA_DEBUG:false OLLAMA_NUM_PARALLEL:0]"',
      ),
    ).toEqual({ OLLAMA_DEBUG: 'false', OLLAMA_NUM_PARALLEL: '0' })
  })

  it('returns only counts for an empty log', () => {
    expect(factsOf('')).toEqual({
      loadCount: 0,
      otherModelLoads: 0,
      truncatedPrompts: 0,
      crashes: 0,
      ignoredOptions: '[]',
    })
  })

  it('never throws, whatever the text', () => {
    const pieces = fc.constantFrom(
      'msg="server config" env="map[',
      'msg="starting runner" cmd="',
      'offloaded 1/',
      ']"',
      '\\',
      '"',
      'A_B:',
      ' ',
      '\n',
      'K (f16): ',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
        expect(() => factsOf(parts.join(''))).not.toThrow()
      }),
    )
  })
})

describe('withoutPaths', () => {
  it.each([
    ['/Users/someone/.ollama/models/blobs/sha256-1', 'sha256-1'],
    ['open /home/a/b.txt: no such file', 'open b.txt: no such file'],
    ['C:\\\\Users\\\\me\\\\ollama.exe runner', 'ollama.exe runner'],
    ['http://localhost:* app://* and/or 1/2', 'http://localhost:* app://* and/or 1/2'],
    ['POST /api/chat', 'POST chat'],
    ['~/models/x', 'x'],
  ])('%j becomes %j', (text, expected) => {
    expect(withoutPaths(text)).toBe(expected)
  })
})

describe('parseGoMap', () => {
  it('keeps values with spaces, colons and brackets in one piece', () => {
    expect([...parseGoMap('map[A_B:1 C_D:[x://y z] E_F: G_H:5m0s]')]).toEqual([
      ['A_B', '1'],
      ['C_D', '[x://y z]'],
      ['E_F', ''],
      ['G_H', '5m0s'],
    ])
    expect([...parseGoMap('')]).toEqual([])
  })
})

/** Recorded from real servers on a machine without a GPU. */
describe('the log of a real server', () => {
  const recorded = (version: string, name: string) =>
    factsOf(
      readFileSync(new URL(`../fixtures/ollama/${version}/${name}.log`, import.meta.url), 'utf8'),
    )

  it.each([
    ['0.11.3', { layersOffloaded: 0, layersTotal: 31 }],
    ['0.20.0', { flashAttention: 'on' }],
    ['0.32.15', { flashAttention: 'on' }],
  ])('of %s gives slots, context, threads and device', (version, more) => {
    // the last request of the recording asks for a context of 512
    expect(recorded(version, 'server')).toMatchObject({
      serverVersion: version,
      computeDevice: 'CPU',
      slots: 2,
      contextLength: 512,
      threads: 1,
      kvCacheType: 'f16',
      ignoredOptions: '["mirostat"]',
      ...more,
    })
  })

  it.each(['0.11.3', '0.20.0', '0.32.15'])(
    'of %s shows the context that the runner has, not the one that was asked for',
    (version) => {
      expect(recorded(version, 'ctx-above-train-server')).toMatchObject({
        contextLength: 8192,
        serverWarnings: '["context-too-large"]',
      })
    },
  )

  it('counts prompt tokens found in the cache, from 0.30 on', () => {
    const log = (version: string) =>
      factsOf(readFileSync(`test/fixtures/ollama/${version}/server.log`, 'utf8'))
    expect(log('0.32.15').cachedTokens).toBe(14 + 3 + 3 + 9)
    expect(log('0.20.0')).not.toHaveProperty('cachedTokens')
    expect(log('0.11.3')).not.toHaveProperty('cachedTokens')
  })

  it('of 0.11.3 shows that flash attention and the cache type are not in effect on a CPU', () => {
    expect(recorded('0.11.3', 'fa-q8-server')).toMatchObject({
      flashAttention: 'off',
      kvCacheType: 'f16',
      serverWarnings: '["cache-type-ignored","flash-attention-unsupported"]',
    })
    expect(recorded('0.11.3', 'q8-no-fa-server')).toMatchObject({
      kvCacheType: 'f16',
      serverWarnings: '["cache-type-ignored"]',
    })
  })

  it.each(['0.20.0', '0.32.15'])('of %s shows a cache type that is in effect', (version) => {
    const facts = recorded(version, 'fa-q8-server')
    expect(facts).toMatchObject({ flashAttention: 'on', kvCacheType: 'q8_0' })
    expect(facts).not.toHaveProperty('serverWarnings')
  })
})
