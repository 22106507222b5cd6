/** Settings that Ollama reads: the request options (`api/types.go`) with their types, and the names of the server's variables. */
import { z } from 'zod'

const positive = z.int().positive()

const known = {
  num_ctx: positive.meta({
    description: 'Context length of one slot, in tokens. Overrides OLLAMA_CONTEXT_LENGTH.',
  }),
  num_batch: positive,
  num_gpu: z
    .int()
    .meta({ description: 'Number of layers on the GPU. -1: automatic. 0: CPU only.' }),
  main_gpu: z.int(),
  use_mmap: z.boolean(),
  num_thread: z
    .int()
    .nonnegative()
    .meta({ description: 'Number of inference threads. 0: automatic.' }),
  draft_num_predict: z.int(),
  num_keep: z.int(),
  seed: z.int(),
  num_predict: z.int().meta({ description: 'Maximum tokens of an answer. Negative: no limit.' }),
  top_k: z.int(),
  top_p: z.number(),
  min_p: z.number(),
  typical_p: z.number(),
  repeat_last_n: z.int(),
  temperature: z.number().nonnegative(),
  repeat_penalty: z.number(),
  presence_penalty: z.number(),
  frequency_penalty: z.number(),
  stop: z.union([z.string(), z.array(z.string())]),
}

export const knownOptions: readonly string[] = Object.keys(known)

/** Known options must have their type. Unknown options are allowed, with a warning. */
export const writtenOptions = z
  .object(known)
  .partial()
  .catchall(z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
  .meta({
    description:
      "Request options of Ollama. A config's own are merged over the workload's, key by key.",
  })

/**
 * Environment variables with Ollama's prefix that some version of the server reads: `envconfig/config.go` of
 * ollama/ollama at v0.11.3, v0.20.0 and v0.33.0-rc2, and those that its history removed.
 */
export const knownVariables: readonly string[] = [
  'OLLAMA_AUTH',
  'OLLAMA_CONTEXT_LENGTH',
  'OLLAMA_DEBUG',
  'OLLAMA_DEBUG_LOG_REQUESTS',
  'OLLAMA_EDITOR',
  'OLLAMA_EXPERIMENT',
  'OLLAMA_FLASH_ATTENTION',
  'OLLAMA_GO_TEMPLATE',
  'OLLAMA_GPU_OVERHEAD',
  'OLLAMA_HOST',
  'OLLAMA_IGPU_ENABLE',
  'OLLAMA_INTEL_GPU',
  'OLLAMA_KEEP_ALIVE',
  'OLLAMA_KV_CACHE_TYPE',
  'OLLAMA_LIBRARY_PATH',
  'OLLAMA_LLM_LIBRARY',
  'OLLAMA_LOAD_TIMEOUT',
  'OLLAMA_MAX_LOADED_MODELS',
  'OLLAMA_MAX_QUEUE',
  'OLLAMA_MAX_TRANSFER_STREAMS',
  'OLLAMA_MAX_VRAM',
  'OLLAMA_MODELS',
  'OLLAMA_MULTIUSER_CACHE',
  'OLLAMA_NEW_ENGINE',
  'OLLAMA_NEW_ESTIMATES',
  'OLLAMA_NOHISTORY',
  'OLLAMA_NOPRUNE',
  'OLLAMA_NO_CLOUD',
  'OLLAMA_NUM_PARALLEL',
  'OLLAMA_ORIGINS',
  'OLLAMA_REMOTES',
  'OLLAMA_RUNNERS_DIR',
  'OLLAMA_SCHED_SPREAD',
  'OLLAMA_TMPDIR',
  'OLLAMA_VULKAN',
]
