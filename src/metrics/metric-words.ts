/** Label and definition of each metric in each language. */
import type { Localized } from '../format/locale.ts'

export interface MetricWords {
  readonly label: Localized
  readonly definition: Localized
}

export const metricWords = {
  qps: {
    label: { 'zh-CN': 'QPS', en: 'QPS' },
    definition: {
      'zh-CN':
        '窗口内结束的成功请求数 ÷ 窗口时长。窗口从第一个测量请求发出时打开；关闭时未完成的请求计入延迟，不计入 QPS。',
      en: 'Ok requests that ended inside the window / its length. The window opens at the first measured send; requests still running when it closes count in latency, not in QPS.',
    },
  },
  throughput: {
    label: { 'zh-CN': '吞吐量', en: 'Throughput' },
    definition: {
      'zh-CN': '窗口内结束的成功请求的输出 token 数 ÷ 窗口时长。token 数取服务器的 `eval_count`。',
      en: "Output tokens of the ok requests that ended inside the window / its length. Tokens are the server's `eval_count`.",
    },
  },
  users: {
    label: { 'zh-CN': '并发用户', en: 'Concurrent users' },
    definition: {
      'zh-CN': '闭环：同时在途的请求数，一个结束才发下一个。',
      en: 'Closed loop: requests in flight at once; each user sends when its last ended.',
    },
  },
  requestedRate: {
    label: { 'zh-CN': '设定速率', en: 'Requested rate' },
    definition: {
      'zh-CN': '开环：计划每秒发出的请求数。',
      en: 'Open loop: requests a second that the schedule asks for.',
    },
  },
  achievedRate: {
    label: { 'zh-CN': '实际速率', en: 'Achieved rate' },
    definition: {
      'zh-CN': '开环：窗口内发出的请求数 ÷ 窗口时长。',
      en: 'Open loop: requests sent inside the window / its length.',
    },
  },
  requests: {
    label: { 'zh-CN': '总请求数', en: 'Requests' },
    definition: {
      'zh-CN': '测量段发出的请求数，失败的也计入，预热不计。',
      en: 'Requests sent in the measured phase, failed ones included, warm-up left out.',
    },
  },
  okRate: {
    label: { 'zh-CN': '成功率', en: 'Success rate' },
    definition: {
      'zh-CN': '成功请求数 ÷ 发出的请求数。成功：有 `done: true` 的末行，且至少一个输出 token。',
      en: 'Ok requests / requests sent. Ok: a final line with `done: true` and at least one output token.',
    },
  },
  latencyMean: {
    label: { 'zh-CN': '平均延迟', en: 'Mean latency' },
    definition: {
      'zh-CN': '最后一个字节 − 发出，只计成功请求，取平均。',
      en: 'Last byte − send, over ok requests only; their mean.',
    },
  },
  latencyP50: {
    label: { 'zh-CN': 'P50延迟', en: 'P50 latency' },
    definition: {
      'zh-CN': '最后一个字节 − 发出，只计成功请求，Hyndman-Fan 第 7 型分位数。',
      en: 'Last byte − send, over ok requests only; Hyndman-Fan type 7 quantile.',
    },
  },
  latencyP95: {
    label: { 'zh-CN': 'P95延迟', en: 'P95 latency' },
    definition: {
      'zh-CN': '最后一个字节 − 发出，只计成功请求，Hyndman-Fan 第 7 型分位数，至少 20 个请求。',
      en: 'Last byte − send, over ok requests only; Hyndman-Fan type 7 quantile, from 20 requests on.',
    },
  },
  latencyP99: {
    label: { 'zh-CN': 'P99延迟', en: 'P99 latency' },
    definition: {
      'zh-CN': '最后一个字节 − 发出，只计成功请求，Hyndman-Fan 第 7 型分位数，至少 100 个请求。',
      en: 'Last byte − send, over ok requests only; Hyndman-Fan type 7 quantile, from 100 requests on.',
    },
  },
  latencyMeanFromSchedule: {
    label: { 'zh-CN': '平均延迟 (自计划)', en: 'Mean latency from schedule' },
    definition: {
      'zh-CN': '开环：最后一个字节 − 计划发出，只计成功请求，取平均。',
      en: 'Open loop: last byte − scheduled send, over ok requests only; their mean.',
    },
  },
  latencyP50FromSchedule: {
    label: { 'zh-CN': 'P50延迟 (自计划)', en: 'P50 latency from schedule' },
    definition: {
      'zh-CN': '开环：最后一个字节 − 计划发出，只计成功请求，Hyndman-Fan 第 7 型分位数。',
      en: 'Open loop: last byte − scheduled send, over ok requests only; Hyndman-Fan type 7 quantile.',
    },
  },
  latencyP95FromSchedule: {
    label: { 'zh-CN': 'P95延迟 (自计划)', en: 'P95 latency from schedule' },
    definition: {
      'zh-CN':
        '开环：最后一个字节 − 计划发出，只计成功请求，Hyndman-Fan 第 7 型分位数，至少 20 个请求。',
      en: 'Open loop: last byte − scheduled send, over ok requests only; Hyndman-Fan type 7 quantile, from 20 requests on.',
    },
  },
  latencyP99FromSchedule: {
    label: { 'zh-CN': 'P99延迟 (自计划)', en: 'P99 latency from schedule' },
    definition: {
      'zh-CN':
        '开环：最后一个字节 − 计划发出，只计成功请求，Hyndman-Fan 第 7 型分位数，至少 100 个请求。',
      en: 'Open loop: last byte − scheduled send, over ok requests only; Hyndman-Fan type 7 quantile, from 100 requests on.',
    },
  },
  sampleTime: {
    label: { 'zh-CN': '单样本处理时间', en: 'Time for one sample' },
    definition: {
      'zh-CN': '逐个处理时，一个样本所用的时间；只来自文档。',
      en: 'Wall time for one dataset sample, one after another; recorded figures only.',
    },
  },
  ttftMean: {
    label: { 'zh-CN': '首 token 平均', en: 'Mean time to first token' },
    definition: {
      'zh-CN': '第一行有正文或思考内容的响应 − 发出，只计成功请求，取平均。',
      en: 'First line with content or thinking − send, over ok requests only; their mean.',
    },
  },
  ttftP50: {
    label: { 'zh-CN': '首 token P50', en: 'P50 time to first token' },
    definition: {
      'zh-CN': '第一行有正文或思考内容的响应 − 发出，只计成功请求，Hyndman-Fan 第 7 型分位数。',
      en: 'First line with content or thinking − send, over ok requests only; Hyndman-Fan type 7 quantile.',
    },
  },
  ttftP95: {
    label: { 'zh-CN': '首 token P95', en: 'P95 time to first token' },
    definition: {
      'zh-CN':
        '第一行有正文或思考内容的响应 − 发出，只计成功请求，Hyndman-Fan 第 7 型分位数，至少 20 个请求。',
      en: 'First line with content or thinking − send, over ok requests only; Hyndman-Fan type 7 quantile, from 20 requests on.',
    },
  },
  ttftP99: {
    label: { 'zh-CN': '首 token P99', en: 'P99 time to first token' },
    definition: {
      'zh-CN':
        '第一行有正文或思考内容的响应 − 发出，只计成功请求，Hyndman-Fan 第 7 型分位数，至少 100 个请求。',
      en: 'First line with content or thinking − send, over ok requests only; Hyndman-Fan type 7 quantile, from 100 requests on.',
    },
  },
  ttfoMean: {
    label: { 'zh-CN': '首个正文 token 平均', en: 'Mean time to first output token' },
    definition: {
      'zh-CN': '第一行有正文的响应 − 发出，只计成功请求，取平均。',
      en: 'First line with content that is not thinking − send, over ok requests only; their mean.',
    },
  },
  ttfoP50: {
    label: { 'zh-CN': '首个正文 token P50', en: 'P50 time to first output token' },
    definition: {
      'zh-CN': '第一行有正文的响应 − 发出，只计成功请求，Hyndman-Fan 第 7 型分位数。',
      en: 'First line with content that is not thinking − send, over ok requests only; Hyndman-Fan type 7 quantile.',
    },
  },
  ttfoP95: {
    label: { 'zh-CN': '首个正文 token P95', en: 'P95 time to first output token' },
    definition: {
      'zh-CN':
        '第一行有正文的响应 − 发出，只计成功请求，Hyndman-Fan 第 7 型分位数，至少 20 个请求。',
      en: 'First line with content that is not thinking − send, over ok requests only; Hyndman-Fan type 7 quantile, from 20 requests on.',
    },
  },
  ttfoP99: {
    label: { 'zh-CN': '首个正文 token P99', en: 'P99 time to first output token' },
    definition: {
      'zh-CN':
        '第一行有正文的响应 − 发出，只计成功请求，Hyndman-Fan 第 7 型分位数，至少 100 个请求。',
      en: 'First line with content that is not thinking − send, over ok requests only; Hyndman-Fan type 7 quantile, from 100 requests on.',
    },
  },
  tpot: {
    label: { 'zh-CN': '每 token 时间', en: 'Time per output token' },
    definition: {
      'zh-CN':
        '(结束 − 首 token) ÷ (输出 token 数 − 1)，成功请求的平均；只有一个 token 的回答没有此值。',
      en: '(End − first token) / (output tokens − 1), mean over ok requests; undefined for answers of one token.',
    },
  },
  longestGap: {
    label: { 'zh-CN': '最长停顿', en: 'Longest gap' },
    definition: {
      'zh-CN': '成功请求的响应流中，相邻两次收到字节之间最长的间隔，取最大值。',
      en: 'The longest silence between two arrivals of bytes inside a stream; the largest over ok requests.',
    },
  },
  outputTokens: {
    label: { 'zh-CN': '平均响应长度', en: 'Mean response length' },
    definition: {
      'zh-CN': '服务器的 `eval_count`，成功请求的平均；思考内容也计入。',
      en: "The server's `eval_count`, mean over ok requests; thinking included.",
    },
  },
  promptTokens: {
    label: { 'zh-CN': '平均提示长度', en: 'Mean prompt length' },
    definition: {
      'zh-CN': '服务器的 `prompt_eval_count`，成功请求的平均。',
      en: "The server's `prompt_eval_count`, mean over ok requests.",
    },
  },
  decodeSpeed: {
    label: { 'zh-CN': '解码速度', en: 'Decode speed' },
    definition: {
      'zh-CN': '`eval_count` 之和 ÷ `eval_duration` 之和。',
      en: 'Sum of `eval_count` / sum of `eval_duration`.',
    },
  },
  prefillSpeed: {
    label: { 'zh-CN': '预填充速度', en: 'Prefill speed' },
    definition: {
      'zh-CN':
        '未命中缓存的提示 token 数之和 ÷ `prompt_eval_duration` 之和；分不出缓存命中时没有此值。',
      en: 'Sum of uncached prompt tokens / sum of `prompt_eval_duration`; undefined where cache hits cannot be told apart.',
    },
  },
  wait: {
    label: { 'zh-CN': '排队', en: 'Wait' },
    definition: {
      'zh-CN': '`total − load − prompt_eval − eval`：等待并行槽，含服务器没有列出的时间。',
      en: '`total − load − prompt_eval − eval`: waiting for a slot, and whatever the server does not itemise.',
    },
  },
  load: {
    label: { 'zh-CN': '加载', en: 'Load' },
    definition: {
      'zh-CN': '服务器的 `load_duration`：查找、调度队列和加载模型。',
      en: "The server's `load_duration`: lookup, scheduler queue, loading the model.",
    },
  },
  prefill: {
    label: { 'zh-CN': '预填充', en: 'Prefill' },
    definition: {
      'zh-CN': '服务器的 `prompt_eval_duration`。',
      en: "The server's `prompt_eval_duration`.",
    },
  },
  decode: {
    label: { 'zh-CN': '解码', en: 'Decode' },
    definition: { 'zh-CN': '服务器的 `eval_duration`。', en: "The server's `eval_duration`." },
  },
  outside: {
    label: { 'zh-CN': '服务器之外', en: 'Outside the server' },
    definition: {
      'zh-CN': '延迟 − `total_duration`：客户端、网络和代理。',
      en: 'Latency − `total_duration`: client, network, proxies.',
    },
  },
  gpuShare: {
    label: { 'zh-CN': 'GPU 占比', en: 'GPU share' },
    definition: {
      'zh-CN': '`/api/ps` 的 `size_vram ÷ size`。',
      en: '`size_vram / size` of `/api/ps`.',
    },
  },
} as const satisfies Record<string, MetricWords>
