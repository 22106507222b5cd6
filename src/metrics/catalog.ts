/**
 * Every metric that there is, each with its one definition. Nothing enters; files, tables, locks and
 * glossaries take ids, units, directions and wording from here.
 */
import { distribution, metric } from './define-metric.ts'
import type { Metric } from './metric.ts'
import { scoreMetric, scorePrefix } from './score.ts'

const rates = [
  metric(
    'qps',
    'rate',
    '1/s',
    [
      'QPS',
      '窗口内结束的成功请求数 ÷ 窗口时长。窗口从第一个测量请求发出时打开；关闭时未完成的请求计入延迟，不计入 QPS。',
    ],
    [
      'QPS',
      'Ok requests that ended inside the window / its length. The window opens at the first measured send; requests still running when it closes count in latency, not in QPS.',
    ],
    { direction: 'higher' },
  ),
  metric(
    'throughput',
    'rate',
    'tokens/s',
    ['吞吐量', '窗口内结束的成功请求的输出 token 数 ÷ 窗口时长。token 数取服务器的 `eval_count`。'],
    [
      'Throughput',
      "Output tokens of the ok requests that ended inside the window / its length. Tokens are the server's `eval_count`.",
    ],
    { direction: 'higher' },
  ),
]

const loads = [
  metric(
    'users',
    'load',
    'count',
    ['并发用户', '闭环：同时在途的请求数，一个结束才发下一个。'],
    [
      'Concurrent users',
      'Closed loop: requests in flight at once; each user sends when its last ended.',
    ],
    { direction: 'neither', aggregation: 'arithmetic' },
  ),
  metric(
    'requestedRate',
    'load',
    '1/s',
    ['设定速率', '开环：计划每秒发出的请求数。'],
    ['Requested rate', 'Open loop: requests a second that the schedule asks for.'],
    { direction: 'neither', aggregation: 'arithmetic' },
  ),
  metric(
    'achievedRate',
    'load',
    '1/s',
    ['实际速率', '开环：窗口内发出的请求数 ÷ 窗口时长。'],
    ['Achieved rate', 'Open loop: requests sent inside the window / its length.'],
    { direction: 'higher' },
  ),
]

const counts = [
  metric(
    'requests',
    'count',
    'count',
    ['总请求数', '测量段发出的请求数，失败的也计入，预热不计。'],
    ['Requests', 'Requests sent in the measured phase, failed ones included, warm-up left out.'],
    { direction: 'neither', aggregation: 'pooled' },
  ),
  metric(
    'okRate',
    'share',
    '%',
    ['成功率', '成功请求数 ÷ 发出的请求数。成功：有 `done: true` 的末行，且至少一个输出 token。'],
    [
      'Success rate',
      'Ok requests / requests sent. Ok: a final line with `done: true` and at least one output token.',
    ],
    { direction: 'higher', aggregation: 'pooled', change: 'difference' },
  ),
]

const latencies = [
  ...distribution('latency', '', {
    family: 'latency',
    of: { 'zh-CN': '最后一个字节 − 发出', en: 'Last byte − send' },
    label: ({ 'zh-CN': zh, en }) => ({ 'zh-CN': `${zh}延迟`, en: `${en} latency` }),
  }),
  ...distribution('latency', 'FromSchedule', {
    family: 'latency',
    of: { 'zh-CN': '开环：最后一个字节 − 计划发出', en: 'Open loop: last byte − scheduled send' },
    label: ({ 'zh-CN': zh, en }) => ({
      'zh-CN': `${zh}延迟 (自计划)`,
      en: `${en} latency from schedule`,
    }),
  }),
  metric(
    'sampleTime',
    'latency',
    'ms',
    ['单样本处理时间', '逐个处理时，一个样本所用的时间；只来自文档。'],
    [
      'Time for one sample',
      'Wall time for one dataset sample, one after another; recorded figures only.',
    ],
    { recordedOnly: true },
  ),
]

const firstTokens = [
  ...distribution('ttft', '', {
    family: 'firstToken',
    of: {
      'zh-CN': '第一行有正文或思考内容的响应 − 发出',
      en: 'First line with content or thinking − send',
    },
    label: ({ 'zh-CN': zh, en }) => ({
      'zh-CN': `首 token ${zh}`,
      en: `${en} time to first token`,
    }),
  }),
  ...distribution('ttfo', '', {
    family: 'firstToken',
    of: {
      'zh-CN': '第一行有正文的响应 − 发出',
      en: 'First line with content that is not thinking − send',
    },
    label: ({ 'zh-CN': zh, en }) => ({
      'zh-CN': `首个正文 token ${zh}`,
      en: `${en} time to first output token`,
    }),
  }),
]

const streams = [
  metric(
    'tpot',
    'stream',
    'ms/token',
    [
      '每 token 时间',
      '(结束 − 首 token) ÷ (输出 token 数 − 1)，成功请求的平均；只有一个 token 的回答没有此值。',
    ],
    [
      'Time per output token',
      '(End − first token) / (output tokens − 1), mean over ok requests; undefined for answers of one token.',
    ],
  ),
  metric(
    'longestGap',
    'stream',
    'ms',
    ['最长停顿', '成功请求的响应流中，相邻两次收到字节之间最长的间隔，取最大值。'],
    [
      'Longest gap',
      'The longest silence between two arrivals of bytes inside a stream; the largest over ok requests.',
    ],
  ),
]

const tokens = [
  metric(
    'outputTokens',
    'tokens',
    'tokens',
    ['平均响应长度', '服务器的 `eval_count`，成功请求的平均；思考内容也计入。'],
    [
      'Mean response length',
      "The server's `eval_count`, mean over ok requests; thinking included.",
    ],
    { direction: 'neither' },
  ),
  metric(
    'promptTokens',
    'tokens',
    'tokens',
    ['平均提示长度', '服务器的 `prompt_eval_count`，成功请求的平均。'],
    ['Mean prompt length', "The server's `prompt_eval_count`, mean over ok requests."],
    { direction: 'neither' },
  ),
]

const speeds = [
  metric(
    'decodeSpeed',
    'speed',
    'tokens/s',
    ['解码速度', '`eval_count` 之和 ÷ `eval_duration` 之和。'],
    ['Decode speed', 'Sum of `eval_count` / sum of `eval_duration`.'],
    { direction: 'higher' },
  ),
  metric(
    'prefillSpeed',
    'speed',
    'tokens/s',
    [
      '预填充速度',
      '未命中缓存的提示 token 数之和 ÷ `prompt_eval_duration` 之和；分不出缓存命中时没有此值。',
    ],
    [
      'Prefill speed',
      'Sum of uncached prompt tokens / sum of `prompt_eval_duration`; undefined where cache hits cannot be told apart.',
    ],
    { direction: 'higher' },
  ),
]

function part(id: string, zh: readonly [string, string], en: readonly [string, string]): Metric {
  return metric(id, 'part', 'ms', zh, en, { aggregation: 'arithmetic', change: 'difference' })
}

const parts = [
  part(
    'wait',
    ['排队', '`total − load − prompt_eval − eval`：等待并行槽，含服务器没有列出的时间。'],
    [
      'Wait',
      '`total − load − prompt_eval − eval`: waiting for a slot, and whatever the server does not itemise.',
    ],
  ),
  part(
    'load',
    ['加载', '服务器的 `load_duration`：查找、调度队列和加载模型。'],
    ['Load', "The server's `load_duration`: lookup, scheduler queue, loading the model."],
  ),
  part(
    'prefill',
    ['预填充', '服务器的 `prompt_eval_duration`。'],
    ['Prefill', "The server's `prompt_eval_duration`."],
  ),
  part(
    'decode',
    ['解码', '服务器的 `eval_duration`。'],
    ['Decode', "The server's `eval_duration`."],
  ),
  part(
    'outside',
    ['服务器之外', '延迟 − `total_duration`：客户端、网络和代理。'],
    ['Outside the server', 'Latency − `total_duration`: client, network, proxies.'],
  ),
]

const gpuShare = metric(
  'gpuShare',
  'share',
  '%',
  ['GPU 占比', '`/api/ps` 的 `size_vram ÷ size`。'],
  ['GPU share', '`size_vram / size` of `/api/ps`.'],
  { direction: 'higher', aggregation: 'arithmetic', change: 'difference' },
)

/** All but the scores, which belong to a dataset; in the order in which tables and glossaries list them. */
export const metrics: readonly Metric[] = [
  ...rates,
  ...loads,
  ...counts,
  ...latencies,
  ...firstTokens,
  ...streams,
  ...tokens,
  ...speeds,
  ...parts,
  gpuShare,
]

/** Ids of `metrics`; `score.<name>` exists beside them for each check of a dataset. */
export const metricIds: readonly string[] = metrics.map(({ id }) => id)

const byId: ReadonlyMap<string, Metric> = new Map(metrics.map((each) => [each.id, each]))

/** The metric of that id, `score.<name>` included, whatever the name; `undefined` where there is none. */
export function metricById(id: string): Metric | undefined {
  if (id.startsWith(scorePrefix) && id.length > scorePrefix.length)
    return scoreMetric(id.slice(scorePrefix.length))
  return byId.get(id)
}
