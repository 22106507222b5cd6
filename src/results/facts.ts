/** The ids of facts that are sampled each second while the load runs. */
export const sampledFactIds = [
  'residentBytes', // of all processes of the server
  'gpuMemoryBytes', // GPU memory of the server's processes, on all GPUs together
  'packageJoules', // energy used by processors and their memory since the first sample of the trial
  'gpuWatts', // power of all GPUs
  'processorWatts', // power of CPU, GPU and neural engine together, on a Mac
] as const

/**
 * The ids of all facts that evidence records can hold: properties of the server, its model, its container and the
 * machine. Analysis and diagnosis refer to facts by these ids only.
 */
export const factIds = [
  // the server
  'serverVersion',
  'serverConfig', // JSON object: each OLLAMA_* name that the server knows, and its effective value
  'threads',
  'slots',
  'batchSize',
  'contextTotal', // tokens of all slots together
  'flashAttention',
  'kvCacheType',
  'computeDevice', // Metal, CUDA, ROCm, Vulkan, CPU
  'layersOffloaded',
  'layersTotal',
  'loadCount', // how often the log shows a load of a model of the trial since the target was ready; each is a reload
  'loadedModels', // JSON array: the models of a mix that are in memory
  'otherModelLoads', // loads of other models on the same server since the target was ready
  'otherContext', // tokens of one slot after another client made the server reload the measured model
  'truncatedPrompts',
  'cachedTokens', // prompt tokens found in the cache since the target was ready; in the log from 0.30 on
  'ignoredOptions', // JSON array of the option names that the server reported as unknown
  'serverWarnings', // JSON array of codes of requested settings that the server ignores, which only its log says
  'crashes',
  'runnerCommand',
  'roundTripMs', // median time of 21 requests of `/api/version` before the trial, if the server is on another machine
  'proxy', // the proxy from the environment through which requests go, without credentials
  // the model
  'modelDigest',
  'modelContentDigest', // of weights, adapters, template, system text and messages: all but parameters and licence
  'modelParameters', // `num_ctx 4096; stop "</s>"`, or `none`
  'modelFamily',
  'parameterSize',
  'quantization',
  'modelSizeBytes',
  'loadedSizeBytes',
  'vramBytes',
  'contextLength', // tokens of one slot
  'expiresAt',
  'capabilities', // JSON array
  // the container
  'containerImage',
  'containerImageDigest',
  'containerArchitecture',
  'containerCpus', // quota in CPUs; absent if unlimited
  'containerMemoryBytes',
  'containerDeviceRequests', // JSON array
  'containerPeriods', // scheduling periods of the CPU quota in which the container wanted to run
  'containerThrottledPeriods', // periods in which it used up its quota and had to wait
  'containerThrottledMs', // how long it waited
  'containerOs',
  'engineVersion',
  'engineHost', // the system that the container engine runs on: `Docker Desktop`, `Debian GNU/Linux 12`
  'engineCpus', // CPUs for all containers; fewer than the machine's if the container engine runs in a virtual machine
  'engineMemoryBytes', // memory for all containers; less than the machine's in the same case
  // the machine
  'hostOs',
  'hostArchitecture',
  'cpuModel',
  'cpuCount', // logical CPUs that this process may use
  'physicalCores',
  'performanceCores',
  'efficiencyCores',
  'memoryBytes',
  'memoryFreeBytes',
  'swapUsedBytes',
  'swapInPages',
  'loadAverage',
  'powerSource', // ac, battery
  'powerMode', // automatic, low, high
  'memoryPressure', // normal, warning, critical
  'thermalState',
  'gpu', // `none` if the system has no driver of a GPU
  // sampled
  ...sampledFactIds,
] as const
export type FactId = (typeof factIds)[number]

export type FactValue = string | number | boolean
