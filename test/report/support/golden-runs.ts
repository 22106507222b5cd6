/** The simulated runs of the golden reports. */
import type { SimulatedRun, SimulatedServer } from './simulated-run.ts'

function server(rest: Partial<SimulatedServer> & { readonly slots: number }): SimulatedServer {
  const { slots } = rest
  return {
    prefillMs: 60,
    tokenMs: 7,
    outputTokens: 14,
    right: 0.75,
    facts: {
      serverVersion: '0.11.3',
      serverConfig: JSON.stringify({
        OLLAMA_MAX_LOADED_MODELS: '0',
        OLLAMA_MAX_QUEUE: '512',
        OLLAMA_NUM_PARALLEL: String(slots),
      }),
      slots,
      threads: 6,
      contextLength: 4096,
      computeDevice: 'Metal',
      layersOffloaded: 29,
      layersTotal: 29,
      modelDigest: `sha256:7df6b6e09427${'0'.repeat(52)}`,
      parameterSize: '751.63M',
      quantization: 'Q4_K_M',
      hostOs: 'macOS 15.6',
      cpuModel: 'Apple M1 Pro',
      performanceCores: 6,
      efficiencyCores: 2,
      memoryBytes: 34_359_738_368,
    },
    ...rest,
  }
}

function docker(slots: number, rest: Partial<SimulatedServer> = {}): SimulatedServer {
  const native = server({ slots })
  return {
    ...native,
    prefillMs: 420,
    tokenMs: 19,
    facts: {
      ...native.facts,
      computeDevice: 'CPU',
      layersOffloaded: 0,
      threads: 8,
      containerImage: 'ollama/ollama:0.11.3',
      containerCpus: 4,
    },
    ...rest,
  }
}

/** Servers of the configs of docker-opt: on a Mac, and in containers without a GPU. */
export const fourServers = {
  'native-default': server({ slots: 1 }),
  'native-optimized': server({ slots: 4, prefillMs: 90, tokenMs: 11 }),
  'docker-initial': docker(1),
  'docker-optimized': docker(2, {
    prefillMs: 700,
    tokenMs: 32,
    right: 0.625,
    facts: { ...docker(2).facts, threads: 6 },
  }),
}

const twoServers = {
  'native-default': server({ slots: 1 }),
  'native-optimized': server({ slots: 4, prefillMs: 90, tokenMs: 11 }),
}

function sweep(): SimulatedRun['servers'] {
  return Object.fromEntries(
    [1, 2, 3, 4, 6, 8, 12].map((slots) => [
      `slots-${slots}`,
      server({ slots, tokenMs: 7 * (0.7 + 0.3 * Math.min(slots, 3)) }),
    ]),
  )
}

/** The cells of the grid: more slots slow each token down, and the context costs nothing. */
function cells(): SimulatedRun['servers'] {
  const all = [1, 2, 4].flatMap((slots) =>
    [2048, 8192].flatMap((context) => [2, 6].map((users) => ({ slots, context, users }))),
  )
  return Object.fromEntries(
    all.map(({ slots, context, users }) => {
      const { facts, ...rest } = server({
        slots,
        tokenMs: 7 * (0.6 + 0.4 * Math.min(slots, users)),
      })
      return [
        `num-parallel-${slots}-num-ctx-${context}-users-${users}`,
        { ...rest, facts: { ...facts, contextLength: context } },
      ]
    }),
  )
}

/**
 * The configs of the race: slots help, a small batch slows the prefill down, and sixteen slots do not fit into memory.
 */
function racers(): SimulatedRun['servers'] {
  const racing = [1, 2, 4, 16].flatMap((slots) =>
    [128, 512].map((batch) => {
      const tokenMs = 7 * (0.6 + 0.4 * Math.min(slots, 4))
      const prefillMs = batch === 128 ? 66 : 60
      const key = `num-parallel-${slots}-num-batch-${batch}`
      return [key, server({ slots, tokenMs, prefillMs })] as const
    }),
  )
  return { default: server({ slots: 1 }), ...Object.fromEntries(racing) }
}

/** Two rounds decide the race; six of its winner against the default follow. */
function raceTrials(): NonNullable<SimulatedRun['trials']> {
  const all = Object.keys(racers())
  const rounds = [all, all.filter((key) => !key.startsWith('num-parallel-16'))]
  const confirmation = Array.from({ length: 6 }, () => ['default', 'num-parallel-4-num-batch-512'])
  return [...rounds, ...confirmation].flatMap((configs, index) =>
    (index % 2 === 0 ? configs : configs.toReversed()).map((config, place) => ({
      ...{ config, round: index + 1, position: 100 * index + place + 1 },
      racePhase: index < rounds.length ? ('race' as const) : ('confirmation' as const),
    })),
  )
}

function embedded(slots: number): SimulatedServer {
  return server({
    slots,
    prefillMs: 20,
    tokenMs: 1.5,
    outputTokens: 32,
    right: 0.25,
    standIn: 'ollama: no such program',
    facts: {
      serverVersion: '0.1.0',
      slots,
      computeDevice: 'CPU',
      hostOs: 'Debian GNU/Linux 12',
      cpuCount: 2,
    },
  })
}

function model(name: string, rest: Partial<SimulatedServer>, sizes: [number, number]) {
  const { facts: ownFacts = {}, ...speeds } = rest
  const { facts, ...base } = server({ slots: 4, ...speeds })
  const [modelSizeBytes, loadedSizeBytes] = sizes
  const digit = String(name.length % 10)
  return {
    ...base,
    facts: {
      ...facts,
      modelDigest: `sha256:${digit.repeat(64)}`,
      modelSizeBytes,
      loadedSizeBytes,
      vramBytes: loadedSizeBytes,
      ...ownFacts,
    },
  }
}

/**
 * Q8 is slower and better; the small model answers shorter, so that its latency is the shortest, and it decodes
 * slowest.
 */
function models(): SimulatedRun['servers'] {
  return {
    q4: model('q4', { tokenMs: 8, outputTokens: 30, right: 0.5 }, [522_653_767, 1_120_000_000]),
    q8: model(
      'q8_0',
      { tokenMs: 12, outputTokens: 30, right: 1, facts: { quantization: 'Q8_0' } },
      [832_000_000, 1_430_000_000],
    ),
    small: model(
      'small',
      {
        tokenMs: 16,
        outputTokens: 8,
        right: 0.5,
        facts: { quantization: 'Q4_1', parameterSize: '134.52M' },
      },
      [98_362_432, 310_000_000],
    ),
  }
}

const hostileText = '| `x` <!-- y --> {{z}}\u001b[31m\n## w'

/** By folder of test/golden. Folders without a run have only recorded figures. */
export const runs: Readonly<Record<string, readonly SimulatedRun[]>> = {
  rounds: [{ run: '20250808T062103Z-3f9a', seed: 7, servers: fourServers }],
  documents: [
    {
      run: '20250808T062103Z-d0c5',
      seed: 8,
      servers: { 'native-new': server({ slots: 4, prefillMs: 90, tokenMs: 8 }) },
    },
  ],
  race: [
    {
      run: '20250808T062103Z-7ace',
      seed: 12,
      servers: racers(),
      trials: raceTrials(),
      stoppedAtRound: 8,
      failedTrials: Object.fromEntries(
        [128, 512].map((batch) => [
          `num-parallel-16-num-batch-${batch}-r1`,
          { outcome: 'failed', reason: 'the model requires more system memory than is available' },
        ]),
      ),
    },
  ],
  levels: [
    {
      run: '20250808T062103Z-1e4e',
      seed: 9,
      servers: Object.fromEntries(
        [1, 2, 4, 8].flatMap((users) => [
          [`one-slot-users-${users}`, server({ slots: 1 })],
          [`four-slots-users-${users}`, server({ slots: 4, prefillMs: 80, tokenMs: 10.5 })],
        ]),
      ),
    },
  ],
  'one-round': [{ run: '20250808T062103Z-1a2b', seed: 3, servers: twoServers }],
  failures: [
    {
      run: '20250808T062103Z-77c0',
      seed: 11,
      servers: {
        ...fourServers,
        'native-optimized': {
          ...fourServers['native-optimized'],
          failing: {
            3: 'model runner has unexpectedly stopped',
            9: 'model runner has unexpectedly stopped',
          },
        },
      },
      failedTrials: {
        'native-default-r3': { outcome: 'interrupted', reason: '' },
        'docker-initial-r2': {
          outcome: 'failed',
          reason: 'the server did not come up in 120 s: port is already allocated',
        },
        ...Object.fromEntries(
          [1, 2, 3, 4].map((round) => [
            `docker-optimized-r${round}`,
            {
              outcome: 'failed',
              reason: 'image ollama/ollama:0.11.3 could not be pulled',
            } as const,
          ]),
        ),
      },
    },
  ],
  grid: [{ run: '20250808T062103Z-6a1d', seed: 9, servers: cells() }],
  'two-samples': [{ run: '20250808T062103Z-02aa', seed: 5, servers: twoServers }],
  'two-models': [{ run: '20250808T062103Z-2a0d', seed: 6, servers: models() }],
  'seven-configs': [{ run: '20250808T062103Z-7777', seed: 2, servers: sweep() }],
  'stand-in': [
    {
      run: '20250808T062103Z-5151',
      seed: 4,
      servers: {
        'native-default': embedded(1),
        'native-optimized': embedded(4),
        'docker-initial': embedded(1),
        'docker-optimized': embedded(2),
      },
    },
  ],
  hostile: [
    {
      run: '20250808T062103Z-0bad',
      seed: 9,
      servers: {
        plain: server({
          slots: 1,
          facts: {
            serverVersion: hostileText,
            quantization: hostileText,
            hostOs: hostileText,
            computeDevice: 'Metal|x',
          },
        }),
        odd: server({
          slots: 4,
          failing: { 2: hostileText, 5: hostileText },
          facts: { serverVersion: hostileText, computeDevice: 'CPU`y`' },
        }),
        other: server({ slots: 2 }),
      },
      failedTrials: { 'other-r2': { outcome: 'failed', reason: hostileText } },
    },
  ],
}
