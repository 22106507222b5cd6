/** Which settings of a running server differ from Ollama's defaults, so that an experiment can start from them. */

/** The variables that affect speed, each with the values that mean its default in some version (`envconfig/config.go`). */
const defaults: Readonly<Record<string, readonly string[]>> = {
  OLLAMA_CONTEXT_LENGTH: ['', '0', '2048', '4096'],
  OLLAMA_FLASH_ATTENTION: ['', '0', 'false'],
  OLLAMA_GPU_OVERHEAD: ['', '0'],
  OLLAMA_KEEP_ALIVE: ['', '5m', '5m0s'],
  OLLAMA_KV_CACHE_TYPE: ['', 'f16'],
  OLLAMA_MAX_LOADED_MODELS: ['', '0'],
  OLLAMA_MAX_QUEUE: ['', '512'],
  OLLAMA_MULTIUSER_CACHE: ['', '0', 'false'],
  OLLAMA_NEW_ENGINE: ['', '0', 'false'],
  OLLAMA_NUM_PARALLEL: ['', '0', '1'],
  OLLAMA_SCHED_SPREAD: ['', '0', 'false'],
}

/** The longest duration of Go, which Ollama prints for "forever". */
const forever = '2562047h47m16'

/** @param variables as the server lists them in its log */
export function changedVariables(
  variables: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(defaults).flatMap(([name, values]) => {
      const value = variables.get(name)
      if (value === undefined || values.includes(value)) return []
      return [[name, value.startsWith(forever) ? '-1' : value] as const]
    }),
  )
}
