/** For every cause that a rule can name: the experiment that would test it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Cause } from '../../src/diagnosis/rules.ts'
import { nextExperiment } from '../../src/diagnosis/next-experiment.ts'
import { nextTrial } from '../../src/diagnosis/next-trial.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { writeExperiment } from '../../src/experiment/write-experiment.ts'
import type { RequestRecord } from '../../src/results/record.ts'
import { measuredConfig } from '../report/support/analysis.ts'
import { both, heldBack, slowPrefill, waitsForLoad, withFields, type Alter } from './alter.ts'
import { dockerFacts, examined, inDocker, onCpu, type Pair } from './story.ts'

const dataset = 'datasets/manga_comment_ad_detection.yaml'
const readDataset = (path: string) => ({
  file: path,
  text: readFileSync(join('experiments', path), 'utf8'),
})

const slower = { pace: 3 }
const small = { prefillMs: 6, decodeMs: 14, outputTokens: 4 }
const mac = { hostOs: 'macOS 15.6 (24G84)', hostArchitecture: 'arm64' }
const env = (name: string, value: string) => ({ config: { env: { [name]: value } } })
const thinks: Alter = (request) => ({ ...request, firstThinkingMs: request.firstContentMs ?? 0 })
const cut: Alter = (request) => ({ ...request, doneReason: 'length' })
const fading = (request: RequestRecord) =>
  request.sentMs > 13_800 ? withFields({ outputTokens: 5 })(request) : request
const pausing: Alter = (request) => ({
  ...request,
  sentMs: request.sentMs + request.index * 10_000,
  endMs: request.endMs + request.index * 10_000,
})
const kept = { serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: '5s' }) }
const oneUser = { users: 1, windowMs: 1200 }
const throttled = (periods: number, held: number) => ({
  containerPeriods: periods,
  containerThrottledPeriods: held,
  containerThrottledMs: held * 50,
})
const atUrl = { target: { kind: 'url', url: 'http://10.0.0.7:11434', headers: {} } } as const
const latest = { target: { ...inDocker.target, image: 'ollama/ollama:latest' } }
const asIs = { workload: { ...measuredConfig('any').workload, cache: 'as-is' as const } }
const late = { client: { loopDelayP99Ms: 45, loopDelayIdleP99Ms: 1, cpuMs: 300 } }

const named: Readonly<Record<Cause, Pair>> = {
  'cold-start': {
    slow: {
      config: { workload: { ...measuredConfig('any').workload, warmupRequests: 0 } },
      server: { alter: waitsForLoad(4000, ({ index }) => index < 3) },
      after: { loadCount: 1 },
    },
    fast: {},
  },
  'keep-alive': {
    slow: {
      server: {
        ...oneUser,
        alter: both(
          pausing,
          waitsForLoad(3000, ({ index }) => index > 0),
        ),
      },
      facts: kept,
      after: { ...kept, loadCount: 5 },
    },
    fast: { server: oneUser },
  },
  reload: {
    slow: {
      config: atUrl,
      server: { alter: waitsForLoad(3000, ({ index }) => index > 5 && index % 10 === 0) },
      after: { loadCount: 8 },
    },
    fast: { config: inDocker },
  },
  thinking: {
    slow: { server: { decodeMs: 800, outputTokens: 70, alter: thinks } },
    fast: {},
  },
  'cut-answers': {
    slow: {
      server: { decodeMs: 600, outputTokens: 60 },
      config: { options: { num_predict: 256 } },
    },
    fast: { server: { alter: cut }, config: { options: { num_predict: 14 } } },
  },
  'answer-length': { slow: { server: { decodeMs: 480, outputTokens: 42 } }, fast: {} },
  truncated: {
    slow: { server: { alter: both(slowPrefill(5), withFields({ promptTokens: 4000 })) } },
    fast: { after: { truncatedPrompts: 7 } },
  },
  cache: {
    slow: { config: asIs, server: { alter: slowPrefill(4) } },
    fast: { config: asIs, server: { alter: withFields({ cachedTokens: 90 }) } },
  },
  slots: { slow: { server: { slots: 1 }, facts: { slots: 1 } }, fast: {} },
  client: { slow: { server: { alter: heldBack(60), end: late } }, fast: {} },
  outside: {
    slow: { config: atUrl, server: { alter: heldBack(120) } },
    fast: { config: inDocker },
  },
  'mac-container': {
    slow: { config: inDocker, server: slower, facts: { ...dockerFacts, ...onCpu, ...mac } },
    fast: { facts: { ...mac, computeDevice: 'Metal' } },
  },
  'gpu-request': {
    slow: { config: inDocker, server: slower, facts: { ...dockerFacts, ...onCpu, gpu: 'RTX' } },
    fast: {},
  },
  'cpu-only': { slow: { server: slower, facts: onCpu }, fast: {} },
  'partial-offload': {
    slow: { server: slower, facts: { layersOffloaded: 15, vramBytes: 500_000 } },
    fast: {},
  },
  emulation: {
    slow: {
      config: inDocker,
      server: slower,
      facts: { ...dockerFacts, hostArchitecture: 'arm64' },
    },
    fast: {},
  },
  'cpu-quota': {
    slow: {
      config: { target: { ...inDocker.target, cpus: 1 } },
      server: slower,
      facts: { ...dockerFacts, containerCpus: 1, ...throttled(100, 10) },
      after: throttled(1100, 610),
    },
    fast: {},
  },
  threads: { slow: { server: slower, facts: { threads: 16 } }, fast: {} },
  saturation: {
    slow: { server: { slots: 3, pace: 3.6 }, facts: { slots: 3 } },
    fast: { server: { slots: 1 }, facts: { slots: 1 } },
  },
  swap: { slow: { server: slower, after: { swapInPages: 5_000 } }, fast: {} },
  model: { slow: { server: slower, facts: { modelDigest: 'b'.repeat(64) } }, fast: {} },
  quantization: { slow: { server: slower, facts: { quantization: 'F16' } }, fast: {} },
  context: { slow: { server: slower, facts: { contextLength: 32_768 } }, fast: {} },
  version: {
    slow: { config: latest, server: slower, facts: { ...dockerFacts, serverVersion: '0.30.0' } },
    fast: {},
  },
  decay: { slow: { server: { decodeMs: 260, windowMs: 20_000, alter: fading } }, fast: {} },
  overhead: {
    slow: { server: { ...small, alter: waitsForLoad(60, () => true) } },
    fast: { server: small },
  },
  'not-read': { slow: { ...env('OLLAMA_NUM_THREADS', '8'), server: slower }, fast: {} },
  'not-applied': { slow: { ...env('OLLAMA_NUM_PARALLEL', '8'), server: slower }, fast: {} },
  'cannot-act': { slow: { ...env('OLLAMA_MAX_QUEUE', '8'), server: slower }, fast: {} },
}

/** They are mended where a server is set up, in ways that no experiment file can ask for. */
const mendedElsewhere: readonly string[] = ['model', 'quantization', 'not-applied']

/** Declared to differ in something that has no effect: no two configs may measure the same. */
function apart({ slow, ...rest }: Pair): Pair {
  const isOurs = slow.config?.target?.kind !== 'url'
  const config = { env: { ...(isOurs ? { OLLAMA_DEBUG: '1' } : {}), ...slow.config?.env } }
  return { ...rest, slow: { ...slow, config: { ...slow.config, ...config } } }
}

describe.each(Object.entries(named))('the experiment after %s', (cause, pair) => {
  const { experiment, analysis, diagnosis } = examined(apart(pair))
  const { explanations, settings } = diagnosis
  const findings = [...(explanations[0]?.findings ?? []), ...settings]
  const trial = nextTrial(analysis, diagnosis, cause)

  it('is for a cause that the report names', () => {
    expect(findings.map((each) => each.cause)).toContain(cause)
  })

  if (mendedElsewhere.includes(cause))
    it('is none', () => {
      expect(trial).toBeUndefined()
    })
  else
    it('is a file without problems', () => {
      const texts = { title: 't', question: 'q?', label: 'added', statement: 's' }
      const version = 'v1.0'
      const content = trial && nextExperiment({ experiment, analysis, trial, texts, version })
      const text = content && writeExperiment({ ...content, datasetFile: dataset })
      const next = parseExperiment({ file: 'experiments/next.yaml', text: text ?? '', readDataset })
      // What has no effect stays in the configs that had it: it is what is put to the test.
      const problems = next.problems.filter(({ message }) => !message.includes('NUM_THREADS'))
      expect(problems).toEqual([])
      expect(next.experiment?.follows).toEqual({ experiment: 'docker-opt', version, cause })
      expect(next.experiment?.hypotheses).toMatchObject([{ id: 'H1', statement: 's' }])
    })
})

it('keeps `until`, and what configs inherit', () => {
  const { experiment, analysis, diagnosis } = examined(named.slots)
  const trial = nextTrial(analysis, diagnosis, 'slots')
  if (trial === undefined) expect.fail('no experiment would test slots')
  const until = { metric: 'latencyMean', halfWidth: 3, maxRounds: 20 }
  const configs = experiment.configs.map((config) =>
    config.key === trial.subject && trial.reference !== undefined
      ? { ...config, from: trial.reference }
      : config,
  )
  const texts = { title: 't', question: 'q?', label: 'added', statement: 's' }
  const next = nextExperiment({
    experiment: { ...experiment, until, configs },
    analysis,
    trial,
    texts,
    version: 'v1.0',
  })
  expect(next?.until).toEqual(until)
  expect(next?.configs.map(({ from }) => from)).toEqual([undefined, trial.reference, trial.subject])
})

describe('no experiment is written', () => {
  const none = (cause: Cause, pair: Pair) => {
    const { analysis, diagnosis } = examined(pair)
    expect(nextTrial(analysis, diagnosis, cause)).toBeUndefined()
  }
  it('for a cause that the report does not name', () => {
    none('slots', named.threads)
  })

  it('where the server at a URL reads no variable of ours', () => {
    none('slots', { ...named.slots, slow: { ...named.slots.slow, config: atUrl } })
  })

  it('where the faster side is the experiment already', () => {
    none('outside', { ...named.outside, fast: {} })
  })

  it('for a cache that all requests were kept from', () => {
    const { slow, fast } = named.cache
    none('cache', { slow: { ...slow, config: {} }, fast: { ...fast, config: {} } })
  })
})
