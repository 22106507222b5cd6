/** Builds the input of a report in which every text from outside is the result of a call of `next`. */
import type { TrialSummary } from '../../../src/analysis/trial-summary.ts'
import type { RecordedConfig } from '../../../src/experiment/experiment.ts'
import type { ReportInput } from '../../../src/report/report-input.ts'
import {
  analysisOf,
  experimentOf,
  firstVersion,
  inputOf,
  measuredConfig,
  recordedConfig,
  type ConfigInput,
} from './analysis.ts'

const digest = `sha256:${'1'.repeat(64)}`

function failedTrial(next: () => string): TrialSummary {
  return {
    file: 'x.jsonl',
    digest,
    header: {
      type: 'trial',
      formatVersion: 1,
      run: next(),
      config: 'a',
      round: 2,
      position: 1,
      measurementDigest: digest,
      startedAt: '2025-08-08T14:21:03+08:00',
      tool: { name: 'exp', version: '0.1.0', node: '20' },
      host: { id: 'h' },
      target: { asked: 'process', actual: 'docker', standIn: false },
      model: next(),
      dataset: { name: next(), digest, samples: 2 },
      settings: { env: {}, options: {} },
      workload: {},
      rounds: 6,
      seed: 7,
    },
    evidence: [],
    end: {
      type: 'end',
      endedAt: '2025-08-08T14:21:33+08:00',
      outcome: 'failed',
      reason: next(),
      counts: { sent: 3, ok: 1, failed: 2, cancelled: 0 },
    },
    outcome: 'failed',
    figures: new Map(),
    scores: new Map(),
    failures: [{ outcome: 'error-line', count: 2, error: next() }],
    tallies: {
      ok: 1,
      doneReasons: new Map(),
      cutBySample: new Map(),
      thinking: 0,
      promptTokens: 0,
      maxOutputTokens: 0,
      promptDigests: new Map(),
      remoteHosts: [],
    },
    profile: {
      loads: { timed: 0, requests: 0, atStart: 0, ms: 0, longestMs: 0, isSimilarForAll: true },
      longestIdleMs: 0,
    },
    audits: [],
  }
}

/** What a document and its log excerpt say about a server; both come from outside. */
function documentFacts(next: () => string): Pick<RecordedConfig, 'facts' | 'log'> {
  const image = next()
  return {
    facts: { written: { image }, values: { containerImage: image, modelDigest: next() } },
    log: {
      path: next(),
      digest,
      facts: {
        serverVersion: next(),
        computeDevice: next(),
        serverConfig: JSON.stringify({ OLLAMA_Y: next() }),
      },
    },
  }
}

export function inputWithTexts(next: () => string, rest: Partial<ReportInput> = {}): ReportInput {
  const group = next()
  const configs = [
    measuredConfig('a', { label: next(), group, model: { name: next(), size: next() } }),
    measuredConfig('b', {
      label: next(),
      group,
      from: 'a',
      env: { OLLAMA_NUM_PARALLEL: next(), OLLAMA_X: next() },
      options: { num_ctx: 2048, stop: [next()], odd: next() },
      dataset: { name: next(), samples: [], checks: [], digest },
    }),
    measuredConfig('c', {
      label: next(),
      group: next(),
      from: 'a',
      env: { OLLAMA_X: next() },
      target: { kind: 'docker', image: next(), memory: next(), pull: false },
    }),
    recordedConfig('d', {
      label: next(),
      group: next(),
      source: next(),
      date: next(),
      env: { OLLAMA_Y: next() },
      figures: [{ metric: 'sampleTime', value: 45_400, approximate: true }],
      ...documentFacts(next),
    }),
  ] as const
  const experiment = experimentOf(configs, {
    title: next(),
    question: next(),
    hardware: { device: next(), memory: next(), other: next() },
    baseline: 'a',
    hypotheses: [
      {
        id: 'H1',
        statement: next(),
        gate: false,
        claim: {
          kind: 'value',
          metric: 'qps',
          config: 'a',
          threshold: { comparator: '>', value: 1, text: `> ${next()}` },
        },
      },
    ],
  })
  const score = next()
  const facts = () => ({
    computeDevice: next(),
    hostOs: next(),
    cpuModel: next(),
    gpu: next(),
    modelDigest: next(),
    quantization: next(),
    serverVersion: next(),
    serverConfig: JSON.stringify({ OLLAMA_X: next() }),
  })
  const results: readonly ConfigInput[] = [
    {
      config: configs[0],
      figures: { qps: 4, latencyMean: 300, [`score.${score}`]: 50 },
      facts: facts(),
    },
    {
      config: configs[1],
      figures: { qps: 5, latencyMean: 250, [`score.${score}`]: 60 },
      facts: facts(),
      trials: [failedTrial(next)],
    },
    {
      config: configs[2],
      state: 'pending',
      figures: { latencyMean: { code: 'failed', reason: next() } },
    },
    { config: configs[3] },
  ]
  return inputOf(experiment, analysisOf(experiment, results, { halfWidth: 3 }), {
    version: {
      ...firstVersion,
      version: 'v1.1',
      changes: [
        { code: 'new-results', configs: [next()] },
        { code: 'new-hypotheses', ids: [next()] },
      ],
      history: [
        {
          version: 'v1.0',
          file: 'v1.0.md',
          date: '2025-08-07T10:00:00+08:00',
          changes: [{ code: 'first' }],
          headline: [{ label: next(), metric: 'ratio', value: 2 }],
        },
      ],
      dropped: [{ run: next(), why: next() }],
    },
    ...rest,
  })
}
