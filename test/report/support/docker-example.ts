/** An example with four configs: native and Docker, before and after tuning. */
import type { Analysis } from '../../../src/analysis/analysis.ts'
import type { Experiment } from '../../../src/experiment/experiment.ts'
import { analysisOf, experimentOf, measuredConfig } from './analysis.ts'

const native = { group: '本机本地部署' }
const docker = {
  group: 'Docker容器部署',
  target: { kind: 'docker', image: 'ollama/ollama:0.11.3', pull: false },
} as const

const configs = [
  measuredConfig('native-default', { label: '本机本地 (默认)', ...native }),
  measuredConfig('native-optimized', {
    label: '本机本地 (优化后)',
    from: 'native-default',
    env: { OLLAMA_NUM_PARALLEL: '4', OLLAMA_MAX_LOADED_MODELS: '2', OLLAMA_MAX_QUEUE: '10' },
    ...native,
  }),
  measuredConfig('docker-initial', {
    label: 'Docker容器 (初始)',
    env: { OLLAMA_NUM_THREADS: '4', OLLAMA_NUM_PARALLEL: '1' },
    ...docker,
  }),
  measuredConfig('docker-optimized', {
    label: 'Docker容器 (优化后)',
    from: 'docker-initial',
    env: { OLLAMA_NUM_THREADS: '8', OLLAMA_NUM_PARALLEL: '2', OLLAMA_MAX_QUEUE: '8' },
    ...docker,
  }),
] as const

export const dockerExperiment: Experiment = experimentOf(configs, {
  question: 'Docker 比本机慢多少？为什么？能否达到本机的 80-90%？',
  hardware: { device: 'MacBook Pro M1 Pro', memory: '32GB', cpu: '8核' },
  baseline: 'native-optimized',
  hypotheses: [
    {
      id: 'H1',
      statement: '环境变量优化使本机 P95 延迟降低至少 30%',
      gate: false,
      claim: {
        kind: 'change',
        metric: 'latencyP95',
        config: 'native-optimized',
        versus: 'native-default',
        threshold: { comparator: '<=', value: -30, text: '<= -30%' },
      },
    },
    {
      id: 'H2',
      statement: 'Docker 的 QPS 达到本机的 80-90%',
      gate: true,
      claim: {
        kind: 'ratio',
        metric: 'qps',
        config: 'docker-optimized',
        versus: 'native-optimized',
        threshold: { comparator: '>=', value: 80, text: '>= 80%' },
      },
    },
    {
      id: 'H4',
      statement: '答案质量相同 (类别准确性)',
      gate: false,
      claim: {
        kind: 'same',
        metric: 'score.类别准确性',
        config: 'docker-optimized',
        versus: 'native-optimized',
        band: 5,
        text: '5pp',
      },
    },
  ],
})

const share = (part: number, whole: number) => ({
  value: (part / whole) * 100,
  counts: { part, whole },
  n: whole,
})

const parts = (values: readonly [number, number, number, number, number]) => ({
  wait: values[0],
  load: values[1],
  prefill: values[2],
  decode: values[3],
  outside: values[4],
})

const facts = (slots: number, device: string) =>
  ({
    slots,
    computeDevice: device,
    layersOffloaded: device === 'CPU' ? 0 : 29,
    layersTotal: 29,
    threads: device === 'CPU' ? 8 : 6,
    serverVersion: '0.11.3',
    quantization: 'Q4_K_M',
    modelDigest: 'sha256:7df6b6e09427a769808717c0a93cadc4ae99ed4eb8bf5ca557c90846becea435',
    serverConfig: JSON.stringify({
      OLLAMA_NUM_PARALLEL: String(slots),
      OLLAMA_MAX_QUEUE: '512',
      OLLAMA_MAX_LOADED_MODELS: '0',
    }),
    cpuModel: 'Apple M1 Pro',
    performanceCores: 6,
    efficiencyCores: 2,
    hostOs: 'macOS 15.6',
    memoryBytes: 34_359_738_368,
  }) as const

export const dockerAnalysis: Analysis = analysisOf(
  dockerExperiment,
  [
    {
      config: configs[0],
      facts: facts(1, 'Metal'),
      figures: {
        qps: 6.33,
        throughput: 88,
        latencyMean: 470.2,
        latencyP95: 512,
        latencyP99: 563.3,
        ttftMean: 378.4,
        okRate: share(965, 965),
        outputTokens: 13.9,
        'score.类别准确性': share(29, 40),
        ...parts([293, 17, 61, 96, 3]),
      },
    },
    {
      config: configs[1],
      facts: facts(4, 'Metal'),
      figures: {
        qps: 10.02,
        throughput: 138.8,
        latencyMean: 297.9,
        latencyP95: 334.7,
        latencyP99: 373.9,
        ttftMean: 138.1,
        okRate: share(1518, 1518),
        outputTokens: 13.9,
        'score.类别准确性': share(29, 40),
        ...parts([0.3, 16.6, 108.8, 169.4, 2.8]),
      },
    },
    {
      config: configs[2],
      facts: facts(1, 'CPU'),
      figures: {
        qps: 1.43,
        throughput: 20,
        latencyMean: 2025,
        latencyP95: 2239,
        latencyP99: { code: 'too-few', n: 45, minSamples: 100 },
        ttftMean: 1772,
        okRate: share(230, 230),
        outputTokens: 13.9,
        'score.类别准确性': share(28, 40),
        ...parts([1312, 21, 420, 269, 3]),
      },
    },
    {
      config: configs[3],
      facts: facts(2, 'CPU'),
      figures: {
        qps: 1.57,
        throughput: 21.8,
        latencyMean: 1840,
        latencyP95: 2434,
        latencyP99: { code: 'too-few', n: 45, minSamples: 100 },
        ttftMean: 1389,
        okRate: share(251, 251),
        outputTokens: 13.9,
        'score.类别准确性': share(28, 40),
        ...parts([581, 21, 753, 482, 3]),
      },
    },
  ],
  {
    halfWidth: 4,
    period: { from: '2025-08-08T14:21:03+08:00', to: '2025-08-08T14:40:12+08:00' },
  },
)
