/** The output of `docker inspect`, `docker version` and `docker info`, and the facts in it. */
import { z } from 'zod'
import type { FactId, FactValue } from '../../results/facts.ts'

type Facts = Partial<Record<FactId, FactValue>>

export const inspectedContainer = z
  .tuple([
    z.object({
      Id: z.string(),
      Image: z.string(),
      State: z.object({
        Running: z.boolean(),
        ExitCode: z.number(),
        OOMKilled: z.boolean().default(false),
        Pid: z.number(),
        Error: z.string().default(''),
      }),
      Config: z.object({ Image: z.string() }),
      HostConfig: z.object({
        NanoCpus: z.number().default(0),
        CpuQuota: z.number().default(0),
        CpuPeriod: z.number().default(0),
        Memory: z.number().default(0),
        DeviceRequests: z.array(z.unknown()).nullish(),
      }),
      NetworkSettings: z.object({
        Ports: z
          .record(
            z.string(),
            z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable(),
          )
          .nullish(),
      }),
    }),
  ])
  .transform(([container]) => container)
export type InspectedContainer = Readonly<z.infer<typeof inspectedContainer>>

export const inspectedImage = z
  .tuple([
    z.object({
      Id: z.string(),
      RepoDigests: z.array(z.string()).nullish(),
      Architecture: z.string(),
      Os: z.string(),
    }),
  ])
  .transform(([image]) => image)
export type InspectedImage = Readonly<z.infer<typeof inspectedImage>>

export const dockerVersion = z.object({
  Server: z.object({
    Version: z.string(),
    Arch: z.string(),
    Platform: z.object({ Name: z.string() }).optional(),
  }),
})

/** The engine gives 0 for what it cannot find out. */
export const dockerInfo = z.object({
  OperatingSystem: z.string(),
  OSType: z.string(),
  NCPU: z.int().nonnegative().default(0),
  MemTotal: z.int().nonnegative().default(0),
})

const nanosecondsPerCpu = 1e9
const defaultPeriod = 100_000

/** The container's settings. A limit that is not set is absent, which means unlimited. */
export function containerFacts(container: InspectedContainer, image: InspectedImage): Facts {
  const { NanoCpus, CpuQuota, CpuPeriod, Memory, DeviceRequests } = container.HostConfig
  const cpus = NanoCpus > 0 ? NanoCpus / nanosecondsPerCpu : CpuQuota / (CpuPeriod || defaultPeriod)
  return {
    containerImage: container.Config.Image,
    containerImageDigest: imageDigest(image),
    containerArchitecture: image.Architecture,
    containerOs: image.Os,
    containerDeviceRequests: JSON.stringify(DeviceRequests ?? []),
    ...(cpus > 0 && { containerCpus: cpus }),
    ...(Memory > 0 && { containerMemoryBytes: Memory }),
  }
}

/** The registry's digest if the image came from a registry, otherwise the image's own id. */
export function imageDigest({ RepoDigests, Id }: InspectedImage): string {
  return RepoDigests?.[0]?.split('@')[1] ?? Id
}

/** The port of 127.0.0.1 that forwards to the container's port; `undefined` if there is none yet. */
export function publishedPort(container: InspectedContainer, port: string): number | undefined {
  const binding = container.NetworkSettings.Ports?.[`${port}/tcp`]?.[0]
  return binding === undefined ? undefined : Number(binding.HostPort)
}
