/**
 * Settings that Ollama reads: the request options (`api/types.go`) with their types, and the names of the server's
 * variables.
 */
import { z } from 'zod'
import { quoted } from '../../errors/quote.ts'
import { text, withFewEntries } from './written-text.ts'

const positive = z.int().positive()

const known = {
  num_ctx: positive.meta({
    description: 'Context length of one slot, in tokens. Overrides OLLAMA_CONTEXT_LENGTH.',
  }),
  num_batch: positive.meta({ description: 'Tokens of a prompt that are computed at once.' }),
  num_gpu: z
    .int()
    .meta({ description: 'Number of layers on the GPU. -1: automatic. 0: CPU only.' }),
  main_gpu: z
    .int()
    .meta({ description: 'GPU that holds small tensors, if the model is on several.' }),
  use_mmap: z
    .boolean()
    .meta({ description: 'Map the model file into memory instead of reading it.' }),
  num_thread: z
    .int()
    .nonnegative()
    .meta({ description: 'Number of inference threads. 0: automatic.' }),
  draft_num_predict: z.int().meta({ description: 'Tokens that the draft model proposes at once.' }),
  num_keep: z
    .int()
    .meta({ description: 'Tokens of the prompt that stay when the context is full.' }),
  seed: z
    .int()
    .meta({ description: 'Seed of the sampling. The same seed and prompt give the same answer.' }),
  num_predict: z.int().meta({ description: 'Maximum tokens of an answer. Negative: no limit.' }),
  top_k: z.int().meta({ description: 'Sample from this many of the likeliest tokens.' }),
  top_p: z
    .number()
    .meta({ description: 'Sample from the likeliest tokens that together have this probability.' }),
  min_p: z
    .number()
    .meta({ description: 'Leave out tokens less likely than this share of the likeliest one.' }),
  typical_p: z.number().meta({ description: 'Locally typical sampling. 1: off.' }),
  repeat_last_n: z.int().meta({ description: 'How many of the last tokens count as repeated.' }),
  temperature: z
    .number()
    .nonnegative()
    .meta({ description: '0: always the likeliest token. Higher: more varied answers.' }),
  repeat_penalty: z
    .number()
    .meta({ description: 'How strongly repeated tokens are avoided. 1: not at all.' }),
  presence_penalty: z.number().meta({ description: 'Avoids tokens that occurred already.' }),
  frequency_penalty: z.number().meta({
    description: 'Avoids tokens that occurred already, more strongly if they occurred often.',
  }),
  stop: z
    .union([z.string(), z.array(z.string())])
    .meta({ description: 'Texts at which an answer ends.' }),
}

export const knownOptions: readonly string[] = Object.keys(known)

/** The name is one word: reports write it into a line of a Modelfile. */
const isOptionName = (name: string) => /^[\w.-]+$/.test(name)

/** Known options must have their type. Unknown options are allowed, with a warning. */
export const writtenOptions = withFewEntries(
  z
    .object(known)
    .partial()
    .catchall(z.union([text, z.number(), z.boolean(), z.array(text)]))
    .superRefine((options, context) => {
      for (const name of Object.keys(options))
        if (!isOptionName(name))
          context.addIssue({
            code: 'custom',
            path: [name],
            message: `${quoted(name)} is not the name of a request option`,
            params: { code: 'unknown-option', hint: 'use letters, digits, `_`, `-` and `.`' },
          })
    }),
).meta({
  description:
    "Request options of Ollama. A config's own are merged over the workload's, key by key.",
})

/** What the variables do that matter for measurements; editors suggest them for `env`. */
export const suggestedVariables: Readonly<Record<string, string>> = {
  OLLAMA_NUM_PARALLEL: 'Slots of a model: requests that it computes at once. Default: 1.',
  OLLAMA_CONTEXT_LENGTH:
    'Context length of one slot, in tokens. Default: by the memory of the GPU.',
  OLLAMA_KEEP_ALIVE: 'How long an idle model stays loaded: `5m`. Negative: forever.',
  OLLAMA_FLASH_ATTENTION: 'Flash attention: 1 on, 0 off. Default: automatic.',
  OLLAMA_KV_CACHE_TYPE: 'Precision of the KV cache: f16, q8_0 or q4_0. Needs flash attention.',
  OLLAMA_MAX_QUEUE: 'Requests that may wait for a model to load. Default: 512.',
  OLLAMA_MAX_LOADED_MODELS: 'Different models that stay loaded at once. Default: automatic.',
  OLLAMA_SCHED_SPREAD: 'Spread a model over all GPUs. Default: false.',
  OLLAMA_GPU_OVERHEAD: 'Memory that is kept free on each GPU, in bytes.',
  OLLAMA_LOAD_TIMEOUT: 'How long loading a model may stall: `5m`.',
  OLLAMA_LLM_LIBRARY: 'The only GPU library to use, such as `cuda_v12`. Default: automatic.',
  OLLAMA_VULKAN: 'Use GPUs through Vulkan.',
  OLLAMA_IGPU_ENABLE: 'Use GPUs that are part of the processor.',
  OLLAMA_DEBUG: 'Level of the log: 1 debug, 2 trace.',
}

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
