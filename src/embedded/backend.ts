/** Loads llama.cpp: the prebuilt CPU library inside `node-llama-cpp`. Nothing is compiled or downloaded. */
import { availableParallelism } from 'node:os'
import type { Llama, LlamaGrammarEvaluationState, LlamaModel } from 'node-llama-cpp'

export interface Backend {
  readonly llama: Llama
  /** Compiles a grammar in llama.cpp's notation; returns its state before the first token. Throws if it is invalid. */
  readonly startGrammar: (model: LlamaModel, gbnf: string) => Promise<LlamaGrammarEvaluationState>
}

/** @param logLine receives each line that llama.cpp logs */
export async function openBackend(logLine: (line: string) => void): Promise<Backend> {
  const { getLlama, LlamaGrammarEvaluationState, LlamaLogLevel } = await import('node-llama-cpp')
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: 0, // no limit, so that `num_thread` is used as requested
    logLevel: LlamaLogLevel.info,
    logger: (_level, message) => {
      for (const line of message.split('\n')) if (isInformative(line)) logLine(line)
    },
  })
  return {
    llama,
    startGrammar: async (model, grammar) =>
      new LlamaGrammarEvaluationState({ model, grammar: await llama.createGrammar({ grammar }) }),
  }
}

/** True for lines worth logging: not blank, and not part of the model description that repeats at each load. */
const isInformative = (line: string): boolean =>
  line.trim() !== '' && !/^(?:llama_model_loader: - kv|print_info:|load: )/.test(line)

/**
 * The default number of inference threads. One core is left for the load generator. More than four threads
 * do not help with a model this small. (llama.cpp's own default is every physical core. On a machine with
 * two cores, a load generator beside two busy threads makes each step wait for the slower thread.)
 */
export const defaultThreads = (llama: Llama): number =>
  Math.max(1, Math.min(4, llama.cpuMathCores - 1, availableParallelism() - 1))
