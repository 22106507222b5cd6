/** llama.cpp itself, with its CPU build that ships inside `node-llama-cpp`; nothing is built or downloaded. */
import { availableParallelism } from 'node:os'
import type { Llama, LlamaGrammarEvaluationState, LlamaModel } from 'node-llama-cpp'

export interface Backend {
  readonly llama: Llama
  /** The state of a grammar, given in llama.cpp's notation, before the first token. Throws when it is none. */
  readonly startGrammar: (model: LlamaModel, gbnf: string) => Promise<LlamaGrammarEvaluationState>
}

/** @param logLine takes what llama.cpp writes, one line each */
export async function openBackend(logLine: (line: string) => void): Promise<Backend> {
  const { getLlama, LlamaGrammarEvaluationState, LlamaLogLevel } = await import('node-llama-cpp')
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: 0, // no limit: `num_thread` counts as it is asked for
    logLevel: LlamaLogLevel.info,
    logger: (_level, message) => {
      for (const line of message.split('\n')) if (isWorthALine(line)) logLine(line)
    },
  })
  return {
    llama,
    startGrammar: async (model, grammar) =>
      new LlamaGrammarEvaluationState({ model, grammar: await llama.createGrammar({ grammar }) }),
  }
}

/** Not blank, and no part of the long lists that describe the same model at each load. */
const isWorthALine = (line: string): boolean =>
  line.trim() !== '' && !/^(?:llama_model_loader: - kv|print_info:|load: )/.test(line)

/**
 * Inference threads where nobody says how many: one core is left to what sends the requests, and more than
 * four gain nothing on so small a model. (llama.cpp alone would take every physical core; on a machine of
 * two, a load generator beside two busy threads makes each step wait for the slower one.)
 */
export const defaultThreads = (llama: Llama): number =>
  Math.max(1, Math.min(4, llama.cpuMathCores - 1, availableParallelism() - 1))
