/** Charts of every kind, with the texts of a report. */
import type { Chart, FrontPoint } from '../../src/charts/chart.ts'
import { seededRandom } from '../support/random.ts'

const labels = ['Native (default)', '本机本地 (优化后)', 'Docker (first)', 'Docker容器 (优化后)']

function bar(label: string, parts: readonly number[], text: string) {
  return { label, parts, total: parts.reduce((sum, part) => sum + part, 0), text }
}

const random = seededRandom(7)
const latencies = labels.map((_, config) =>
  Array.from({ length: 150 }, () => 200 * (1 + 2 * config) * (0.5 + random())).toSorted(
    (a, b) => a - b,
  ),
)

const frontLegend = { leader: 'leads', base: 'default', front: 'on the front', other: 'others' }

/** The place of a config among many: the first two are the leader and the default. */
function frontPoint(index: number): FrontPoint {
  const cost = [1500, 1720, 1280, 1330][index] ?? 1500 + 700 * random()
  const value = [93.4, 74.3, 80.2, 88.5][index] ?? 65 + 14 * random()
  const isClose = index < 2
  return {
    role: (['leader', 'base', 'front', 'front'] as const)[index] ?? 'other',
    onFront: [0, 2, 3].includes(index),
    cost,
    value,
    costInterval: { low: cost * (isClose ? 0.96 : 0.7), high: cost * (isClose ? 1.04 : 1.5) },
    interval: { low: value * (isClose ? 0.97 : 0.8), high: value * (isClose ? 1.03 : 1.25) },
    text: `config ${index}: ${value} tokens/s, ${cost} ms`,
  }
}

/** By the name of the file that is expected. */
export const samples: Readonly<Record<string, Chart>> = {
  time: {
    kind: 'time',
    title:
      'Docker容器 (优化后) takes 6.2x as long as 本机本地 (优化后); the difference is mostly wait',
    alt: 'Native (default) 502 ms; Docker (first) 7,444 ms',
    notes: ['1 more in the tables.'],
    axis: 'Mean latency (ms)',
    parts: ['Wait', 'Load', 'Prefill', 'Decode', 'Outside the server'],
    partsUnknown: 'Parts unknown',
    enlarged: 'Enlarged, on a scale of their own',
    bars: [
      bar('Native (default)', [100, 0, 130, 260, 12], '502 ms · 1.3x'),
      bar('本机本地 (优化后)', [0, 0, 120, 250, 12], '382 ms · 1x (baseline)'),
      bar('Docker (first)', [50000, 30, 1500, 900, 14], '52,444 ms · 137x'),
      { label: 'From a document', total: 397.75, text: '397.75 ms' },
      { label: 'Not measured yet', text: 'pending' },
    ],
  },
  levels: {
    kind: 'levels',
    title: 'Throughput and latency over the load',
    alt: 'One slot: carries 2 users',
    notes: [],
    levelAxis: 'Users',
    levels: [1, 2, 4, 16],
    panels: [
      {
        axis: 'QPS (1/s)',
        lines: [
          {
            label: 'Native (default)',
            config: 0,
            points: [
              { level: 1, value: 6.1, interval: { low: 5.4, high: 6.9 } },
              { level: 2, value: 6.3, interval: { low: 6, high: 6.6 } },
              { level: 4, value: 6.2 },
            ],
          },
          {
            label: 'Docker容器 (优化后)',
            config: 1,
            points: [
              { level: 1, value: 3, interval: { low: 2.8, high: 3.2 } },
              { level: 16, value: 12, interval: { low: 9, high: 16 } },
            ],
          },
        ],
      },
      {
        axis: 'P95 latency (ms)',
        bound: { value: 2000, text: 'P95 latency ≤ 2000 ms' },
        lines: [{ label: 'Native (default)', config: 0, points: [{ level: 1, value: 174.7 }] }],
      },
    ],
  },
  front: {
    kind: 'front',
    title:
      '3 of 30 configs are on the front: no other one is better in both throughput and P95 latency',
    alt: 'default 74.3 tokens/s, 1,720 ms',
    notes: ['1 more in the tables.'],
    axis: 'Throughput (tokens/s)',
    costAxis: 'P95 latency (ms)',
    points: Array.from({ length: 30 }, (_, index) => frontPoint(index)),
    bound: { value: 2000, text: 'P95 latency ≤ 2,000 ms' },
    legend: frontLegend,
    front: [
      'On the front, from left to right:',
      '1. OLLAMA_NUM_PARALLEL=4, num_thread=2, num_batch=512, OLLAMA_KV_CACHE_TYPE=q8_0, OLLAMA_FLASH_ATTENTION=1',
      '2. 本机本地 (优化后)',
      '3. OLLAMA_NUM_PARALLEL=4',
    ],
  },
  'front-of-2': {
    kind: 'front',
    title: '2 个配置中有 1 个在前沿上：没有别的配置在吞吐量和 P95 延迟上都更好',
    alt: '默认配置 0.08 /s、12,000 ms',
    notes: [],
    axis: 'QPS (1/s)',
    costAxis: 'P95延迟 (ms)',
    points: [
      { role: 'leader', onFront: true, cost: 11_800, value: 0.09, text: '4 槽' },
      { role: 'base', onFront: false, cost: 12_000, value: 0.08, text: '默认配置' },
    ],
    legend: { leader: '领先者', base: '默认配置', front: '在前沿上', other: '其他' },
    front: ['前沿上从左到右：', '1. OLLAMA_NUM_PARALLEL=4'],
  },
  claims: {
    kind: 'claims',
    title: '6 hypotheses: 1 supported, 2 refuted, 1 inconclusive, 1 leans for, 1 no verdict',
    alt: 'H1 supported: -38.2%',
    notes: [],
    legend: { target: 'The hypothesis holds here', floor: 'Noise' },
    panels: [
      {
        axis: 'Change (%)',
        neutral: 0,
        claims: [
          {
            statement: 'H1 环境变量优化使本机 P95 延迟降低至少 30%',
            verdict: '✅ supported: -38.2% (-45.0%, -31.0%), target ≤ -30%',
            colour: 'for',
            measured: -38.2,
            interval: { low: -45, high: -31 },
            target: { high: -30 },
            floor: { low: -2, high: 2 },
          },
          {
            statement: 'H3 the same within 5%',
            verdict: '⚖️ inconclusive: +3.0% (-2.0%, +8.0%), target ±5%',
            colour: 'open',
            measured: 3,
            interval: { low: -2, high: 8 },
            target: { low: -5, high: 5 },
            floor: { low: -2, high: 2 },
          },
          {
            statement: 'H5 far away',
            verdict: '❌ refuted: +13,500.0% (+12,000.0%, +15,000.0%), target ≤ +30%',
            colour: 'against',
            measured: 13500,
            interval: { low: 12000, high: 15000 },
            target: { high: 30 },
            floor: { low: -2, high: 2 },
          },
        ],
      },
      {
        axis: 'Ratio (%)',
        neutral: 100,
        claims: [
          {
            statement: 'H2 Docker reaches 80% of the QPS',
            verdict: '❌ refuted: 16.1% (14.0%, 18.2%), target ≥ 80%',
            colour: 'against',
            measured: 16.1,
            interval: { low: 14, high: 18.2 },
            target: { low: 80 },
            floor: { low: 98, high: 102 },
          },
          {
            statement: 'H6 from a document',
            verdict: '🔎 leans for: 95.0%, target ≥ 80%',
            colour: 'leans-for',
            measured: 95,
            target: { low: 80 },
          },
        ],
      },
    ],
    unjudged: [
      { statement: 'H4 the same quality', verdict: '⛔ no verdict: Docker (first) has no results' },
    ],
  },
  history: {
    kind: 'history',
    title: 'Docker容器 (优化后): 6.2x in v1.0, 2.1x in v1.3',
    alt: 'v1.0 6.2x, v1.3 2.1x',
    notes: [],
    axis: 'Ratio to baseline',
    versions: ['v1.0', 'v1.1', 'v1.2', 'v1.3'],
    lines: [
      {
        label: 'Docker容器 (优化后)',
        config: 3,
        points: [6.2, 6.1, 2.2, 2.1].map((value, index) => ({
          version: `v1.${index}`,
          value,
          interval: { low: value * 0.9, high: value * 1.1 },
          text: `${value}x`,
        })),
      },
    ],
  },
  distribution: {
    kind: 'distribution',
    title: 'P95 of Docker容器 (优化后) is 19x that of Native (default)',
    alt: 'P95 of Native (default) 294 ms',
    notes: [],
    axis: 'Latency (ms)',
    shareAxis: 'Share of requests (%)',
    lines: labels.map((label, config) => {
      const ascending = latencies[config] ?? []
      return {
        label,
        config,
        points: ascending.map((ms, index) => ({ ms, share: (index + 1) / ascending.length })),
        quantiles: [
          { name: 'P50', share: 0.5, ms: ascending[74] ?? 0, text: 'P50 200 ms' },
          { name: 'P95', share: 0.95, ms: ascending[142] ?? 0, text: 'P95 294 ms' },
        ],
      }
    }),
  },
  'distribution-of-3': {
    kind: 'distribution',
    title: 'How long requests took',
    alt: 'Native (default) P50 5,012 ms',
    notes: [],
    axis: 'Latency (ms)',
    shareAxis: 'Requests (%)',
    lines: [
      {
        label: 'Native (default)',
        config: 0,
        points: [4200, 5012, 7800].map((ms, index) => ({ ms, share: (index + 1) / 3 })),
        quantiles: [{ name: 'P50', share: 0.5, ms: 5012, text: 'P50 5,012 ms' }],
      },
    ],
  },
  trials: {
    kind: 'trials',
    title: 'Mean latency of each trial: no drift',
    alt: 'Six rounds of four configs',
    notes: [],
    axis: 'Mean latency (ms)',
    orderAxis: 'Round',
    lines: labels.map((label, config) => ({
      label,
      config,
      points: [1, 2, 3, 4, 5, 6].map((round) => ({
        round,
        order: (round - 1) * 4 + (round % 2 === 0 ? 3 - config : config),
        value: 200 * (1 + config) * (config === 2 && round === 4 ? 2 : 0.9 + round / 50),
        text: `round ${round}`,
        ...(config === 2 && round === 4 && { note: 'outlier' }),
      })),
    })),
  },
  course: {
    kind: 'course',
    title: 'Docker (first), round 3: a stall after 17 s',
    alt: 'Requests of 200 to 2,500 ms',
    notes: [],
    axis: 'Latency (ms)',
    timeAxis: 'Time since the trial began (s)',
    config: 2,
    window: { low: 2, high: 30 },
    windowText: 'Window of the rates',
    failed: 'Failed requests',
    points: Array.from({ length: 200 }, (_, index) => ({
      at: index * 0.155,
      text: `request ${index}`,
      ms: 300 + 2 * (index % 60) + (index > 106 && index < 115 ? 2000 : 0),
      ...(index % 70 === 5 && { failed: true as const }),
    })),
  },
  'course-with-outlier': {
    kind: 'course',
    title: 'Native (default), round 1: one request took 136 times as long',
    alt: 'Requests of 190 to 27,200 ms',
    notes: [],
    axis: 'Latency (ms)',
    timeAxis: 'Time since the trial began (s)',
    config: 0,
    window: { low: 0, high: 30 },
    windowText: 'Window of the rates',
    failed: '',
    points: Array.from({ length: 100 }, (_, index) => ({
      at: index * 0.3,
      text: `request ${index}`,
      ms: index === 40 ? 27_200 : 190 + (index % 20),
    })),
  },
  'course-of-3': {
    kind: 'course',
    title: '本机本地 (优化后)，第 2 轮的请求',
    alt: '3 个请求，最慢的用了 7,800 ms',
    notes: [],
    axis: '延迟 (ms)',
    timeAxis: '试验开始后的时间 (s)',
    config: 1,
    window: { low: 0, high: 17 },
    windowText: '计算速率的时段',
    failed: '',
    points: [4200, 5012, 7800].map((ms, index) => ({
      at: [0, 4.2, 9.2][index] ?? 0,
      ms,
      text: `${ms} ms`,
    })),
  },
}
