/**
 * inference-perf, which calls `/v1/completions`. Its load of a given concurrency spreads the first requests over a second;
 * a trace of requests that all start at once, of which each worker runs as many as it has users, makes the load of the
 * other contenders. It opens its connections in the first requests and counts that time.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender, Load } from './contender.ts'

/** A request in the report `per_request_lifecycle_metrics.json`; times in seconds. */
interface ReportedRequest {
  readonly start_time: number
  readonly end_time: number
  /** The body. */
  readonly request: string
  readonly info: { readonly response_metrics?: { readonly chunk_times?: readonly number[] } } | null
  readonly error: { readonly error_msg: string } | null
}

export function inferencePerf(program: string): Contender {
  return {
    name: 'inference-perf',
    isPeer: true,
    command: (load) => {
      writeInputs(load)
      const hub = ['HF_HUB_OFFLINE=1', `HF_HOME=${join(load.folder, 'hub')}`]
      const quiet = 'TRANSFORMERS_NO_ADVISORY_WARNINGS=1'
      return ['env', ...hub, quiet, program, '--config_file', inputFile(load, 'config.json')]
    },
    stated: ({ folder }) => {
      const report = join(folder, 'reports', 'per_request_lifecycle_metrics.json')
      const requests = JSON.parse(readFileSync(report, 'utf8')) as readonly ReportedRequest[]
      return { requests: requests.map(statedRequest) }
    },
  }
}

function statedRequest({ start_time, end_time, request, info, error }: ReportedRequest) {
  if (error !== null) throw new Error(`inference-perf: a request failed: ${error.error_msg}`)
  const { prompt } = JSON.parse(request) as { prompt: string }
  const first = info?.response_metrics?.chunk_times?.[0]
  return {
    id: Number(prompt.slice(1)),
    latencyMs: (end_time - start_time) * 1000,
    ...(first !== undefined && { firstTokenMs: (first - start_time) * 1000 }),
  }
}

function inputFile({ folder }: Load, name: string): string {
  return join(folder, name)
}

function writeInputs(load: Load): void {
  const { users, rounds } = load
  const requests = Array.from({ length: users * rounds }, (_, id) => id)
  const write = (name: string, text: string) => {
    writeFileSync(inputFile(load, name), text)
  }
  const conversation = (prompt: string) => ({
    conversations: ['human', 'gpt'].map((from) => ({ from, value: prompt })),
  })
  // The first conversation is not sent.
  const prompts = ['', ...requests.map((id) => `#${id}`)].map(conversation)
  write('prompts.json', JSON.stringify(prompts))
  write('trace.csv', requests.map(() => '2025-01-01 00:00:00.00,1,1\n').join(''))
  mkdirSync(inputFile(load, 'tokenizer'))
  write('tokenizer/tokenizer_config.json', '{"tokenizer_class":"PreTrainedTokenizerFast"}')
  write('tokenizer/tokenizer.json', JSON.stringify(tokenizer))
  write('config.json', JSON.stringify(configOf(load)))
}

/** Words are tokens. */
const tokenizer = {
  version: '1.0',
  added_tokens: [],
  pre_tokenizer: { type: 'WhitespaceSplit' },
  model: { type: 'WordLevel', vocab: { '?': 0, token: 1 }, unk_token: '?' },
}

function configOf(load: Load) {
  const { url, users, rounds, cpus, folder } = load
  // A power of two, as the numbers of users are, so that each worker has as many.
  const workers = 2 ** Math.floor(Math.log2(Math.min(cpus, users)))
  return {
    api: { type: 'completion', streaming: true },
    data: { type: 'shareGPT', path: inputFile(load, 'prompts.json') },
    load: {
      type: 'trace_replay',
      trace: { file: inputFile(load, 'trace.csv'), format: 'AzurePublicDataset' },
      stages: [{ rate: users * rounds, duration: 1 }],
      interval: 0,
      num_workers: workers,
      worker_max_concurrency: users / workers,
    },
    server: { type: 'vllm', model_name: 'm', base_url: url },
    tokenizer: { pretrained_model_name_or_path: inputFile(load, 'tokenizer') },
    report: { request_lifecycle: { summary: false, per_stage: false, per_request: true } },
    storage: { local_storage: { path: join(folder, 'reports') } },
  }
}
