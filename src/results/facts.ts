/**
 * The closed vocabulary of evidence: what can be known about a server, a container or a machine beside
 * the requests themselves. Analysis and diagnosis name facts by these ids only.
 */
export const factIds = [
  // the server
  'serverVersion',
  'serverConfig', // JSON object: each recognised OLLAMA_* name and its effective value
  'threads',
  'slots',
  'batchSize',
  'contextTotal', // tokens over all slots
  'flashAttention',
  'kvCacheType',
  'computeDevice', // Metal, CUDA, ROCm, Vulkan, CPU
  'layersOffloaded',
  'layersTotal',
  'loadCount', // model loads seen in the log since the target was ready: each is a reload
  'otherContext', // tokens of one slot: with which the model was reloaded for somebody else
  'truncatedPrompts',
  'ignoredOptions', // JSON array of option names that the server said it does not know
  'crashes',
  'runnerCommand',
  // the model
  'modelDigest',
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
  'containerCpus', // quota in CPUs; absent where unlimited
  'containerMemoryBytes',
  'containerDeviceRequests', // JSON array
  'containerPeriods',
  'containerThrottledPeriods',
  'containerThrottledMs',
  'containerOs',
  'engineVersion',
  'engineHost', // what the container engine runs on: `Docker Desktop`, `Debian GNU/Linux 12`
  // the machine
  'hostOs',
  'hostArchitecture',
  'cpuModel',
  'cpuCount', // logical CPUs this process may use
  'physicalCores',
  'performanceCores',
  'efficiencyCores',
  'memoryBytes',
  'memoryFreeBytes',
  'swapUsedBytes',
  'swapInPages',
  'loadAverage',
  'powerSource', // ac, battery
  'thermalState',
  'gpu',
] as const
export type FactId = (typeof factIds)[number]

export type FactValue = string | number | boolean
