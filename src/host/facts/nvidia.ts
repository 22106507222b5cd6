/** What `nvidia-smi` tells of the GPUs of a machine. */
import type { MachineFacts, MachineSource } from './machine.ts'

const fields = ['name', 'memory.total', 'driver_version'] as const

/**
 * Lines of `NVIDIA GeForce RTX 4090, 24564 MiB, 550.54.14`, one a GPU, become
 * `NVIDIA GeForce RTX 4090 24564 MiB (driver 550.54.14)`, joined by `; `.
 */
export function parseNvidia(csv: string): MachineFacts {
  const gpus = csv
    .split('\n')
    .map((line) => line.split(',').map((value) => value.trim()))
    .filter((values) => values.length === fields.length)
    .map(([name = '', memory = '', driver = '']) => `${name} ${memory} (driver ${driver})`)
  return gpus.length === 0 ? {} : { gpu: gpus.join('; ') }
}

export const nvidiaSource: MachineSource = {
  name: 'nvidia-smi',
  facts: ['gpu'],
  changing: false,
  read: async (tools) =>
    parseNvidia(
      await tools.run('nvidia-smi', [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader']),
    ),
}
