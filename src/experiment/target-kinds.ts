/**
 * The kinds of target. Each kind has one entry with every fact that other rooms need about it, so that no other room
 * compares the names of kinds. A new kind needs its settings and its entry here, its schema in
 * `written-target.ts`, its driver in `targets/` and its words; the compiler finds what is missing.
 */
import { canonicalJson } from '../json/json.ts'

export const targetKinds = ['process', 'docker', 'url', 'embedded'] as const
export type TargetKind = (typeof targetKinds)[number]

/** The kind that can replace any other, if the experiment allows it. */
export const standInKind = 'embedded' satisfies TargetKind

/** The settings that the experiment file gives for a target, by kind. */
interface TargetSettings {
  /** `ollama serve`, started by exp. */
  readonly process: {
    /** The `Host` of the user's ssh configuration whose machine runs the server. */
    readonly ssh?: string
    readonly version?: string
    readonly models?: string
    readonly pull: boolean
  }
  /** Ollama in a container, started by exp. */
  readonly docker: {
    readonly image: string
    /** The Docker context whose engine runs the container. */
    readonly context?: string
    readonly cpus?: number
    readonly memory?: string
    readonly gpus?: string
    readonly platform?: string
    readonly models?: string
    readonly pull: boolean
  }
  /** A server that is already running. */
  readonly url: {
    readonly url: string
    /** Values may hold `${NAME}`, filled from the environment when a request is sent and never stored. */
    readonly headers: Readonly<Record<string, string>>
  }
  /** The engine that comes with exp. */
  readonly embedded: object
}

/** A config's server, as resolved from the experiment file. */
export type Target<Kind extends TargetKind = TargetKind> = {
  readonly [K in Kind]: { readonly kind: K } & TargetSettings[K]
}[Kind]

interface KindFacts {
  /**
   * Whether exp starts a server for each trial, with the config's variables. Otherwise one server answers for all
   * configs that name it.
   */
  readonly startsServer: boolean
  /** Whether the server is an installed Ollama, outside of any container. */
  readonly isNative: boolean
  readonly isContainer: boolean
  /** Whether answers come from synthetic weights, so that their scores are noise. */
  readonly isSynthetic: boolean
}

interface KindFunctions<Kind extends TargetKind> {
  /** Settings that distinguish one server of this kind from another. */
  identity(target: Target<Kind>): object
  /**
   * The settings that the measurement digest covers. Never change them for a kind: stored results refer to the digest.
   */
  digestParts(target: Target<Kind>): object
  /** The version of Ollama that the settings name; undefined if they name none. */
  requestedVersion(target: Target<Kind>): string | undefined
  /** The same target with this version; undefined if nothing would change. */
  withVersion(target: Target<Kind>, version: string): Target<Kind> | undefined
  /** The same container with these settings; undefined for a target that is not a container. */
  withContainerSettings(target: Target<Kind>, settings: ContainerSettings): Target<Kind> | undefined
  /** The name by which the settings refer to the machine of the server; undefined if they name none. */
  machine(target: Target<Kind>): string | undefined
  /**
   * The target as YAML with which another machine can measure this server. `host` is the name of the server's machine.
   */
  remoteYaml(target: Target<Kind>, host: string): string
  /** The image, for the label of a container. */
  image(target: Target<Kind>): string | undefined
  /** The settings as keys of a Docker Compose service. */
  compose(target: Target<Kind>): readonly ComposeKey[]
}

/** The settings of a container that a fix may change. */
export type ContainerSettings = Partial<
  Pick<Target<'docker'>, 'image' | 'cpus' | 'gpus' | 'platform'>
>

export interface ComposeKey {
  readonly key: string
  readonly value: string | number
  /** The setting whose explanation is shown as a comment on this key. */
  readonly setting?: 'cpus' | 'memory' | 'gpus' | 'platform'
}

const none = () => undefined

const processOverSsh = (_: object, host: string) => `target: {process: {ssh: ${host}}}`

/** For kinds whose settings name neither a version of Ollama nor a container. */
const noVersionOrContainer = {
  machine: none,
  requestedVersion: none,
  withVersion: none,
  withContainerSettings: none,
  image: none,
  compose: () => [],
}

const kinds: { readonly [Kind in TargetKind]: KindFacts & KindFunctions<Kind> } = {
  process: {
    startsServer: true,
    isNative: true,
    isContainer: false,
    isSynthetic: false,
    identity: withoutPull,
    digestParts: withoutPull,
    ...noVersionOrContainer,
    machine: ({ ssh }) => ssh,
    remoteYaml: processOverSsh,
    requestedVersion: ({ version }) => version,
    withVersion: (target, version) => ({ ...target, version }),
  },
  docker: {
    startsServer: true,
    isNative: false,
    isContainer: true,
    isSynthetic: false,
    identity: withoutPull,
    digestParts: withoutPull,
    requestedVersion: ({ image }) => /:([^:/@]+)(?:@|$)/.exec(image)?.[1],
    withVersion: (target, version) => {
      const image = target.image.replace(/(?::[^:/@]+)?(?:@.*)?$/, `:${version}`)
      return image === target.image ? undefined : { ...target, image }
    },
    withContainerSettings: (target, settings) => ({ ...target, ...settings }),
    machine: ({ context }) => context,
    remoteYaml: ({ image }, host) => `target: {docker: {image: ${image}, context: ${host}}}`,
    image: ({ image }) => image,
    compose: ({ image, cpus, memory, gpus, platform }) => [
      { key: 'image', value: image },
      ...(cpus === undefined ? [] : [{ key: 'cpus', value: cpus, setting: 'cpus' } as const]),
      ...(memory === undefined
        ? []
        : [{ key: 'mem_limit', value: memory, setting: 'memory' } as const]),
      ...(gpus === undefined ? [] : [{ key: 'gpus', value: gpus, setting: 'gpus' } as const]),
      ...(platform === undefined
        ? []
        : [{ key: 'platform', value: platform, setting: 'platform' } as const]),
    ],
  },
  url: {
    startsServer: false,
    isNative: false,
    isContainer: false,
    isSynthetic: false,
    identity: ({ url }) => ({ url: withoutCredentials(url) }),
    digestParts: (target) => ({ ...target, url: withoutCredentials(target.url) }),
    ...noVersionOrContainer,
    remoteYaml: (_, host) => `target: {url: "http://${host}:11434"}`,
  },
  embedded: {
    startsServer: true,
    isNative: false,
    isContainer: false,
    isSynthetic: true,
    identity: () => ({}),
    digestParts: (target) => target,
    ...noVersionOrContainer,
    remoteYaml: processOverSsh,
  },
}

export function kindFacts(kind: TargetKind): KindFacts {
  return kinds[kind]
}

/** The target that a fix proposes instead of a shared server: the installed Ollama with its own settings. */
export const nativeTarget: Target<'process'> = { kind: 'process', pull: false }

/** True if both configs' targets are the same server, or servers with the same settings. */
export function isSameTarget(one: Target, other: Target): boolean {
  return one.kind === other.kind && canonicalJson(identity(one)) === canonicalJson(identity(other))
}

function identity<Kind extends TargetKind>(target: Target<Kind>): object {
  return kinds[target.kind].identity(target)
}

export function digestParts<Kind extends TargetKind>(target: Target<Kind>): object {
  return kinds[target.kind].digestParts(target)
}

export function requestedVersion<Kind extends TargetKind>(
  target: Target<Kind>,
): string | undefined {
  return kinds[target.kind].requestedVersion(target)
}

export function withVersion<Kind extends TargetKind>(
  target: Target<Kind>,
  version: string,
): Target<Kind> | undefined {
  return kinds[target.kind].withVersion(target, version)
}

export function withContainerSettings<Kind extends TargetKind>(
  target: Target<Kind>,
  settings: ContainerSettings,
): Target<Kind> | undefined {
  return kinds[target.kind].withContainerSettings(target, settings)
}

export function machineNamedBy<Kind extends TargetKind>(target: Target<Kind>): string | undefined {
  return kinds[target.kind].machine(target)
}

export function remoteTargetYaml<Kind extends TargetKind>(
  target: Target<Kind>,
  host: string,
): string {
  return kinds[target.kind].remoteYaml(target, host)
}

export function imageOf<Kind extends TargetKind>(target: Target<Kind>): string | undefined {
  return kinds[target.kind].image(target)
}

export function composeKeys<Kind extends TargetKind>(target: Target<Kind>): readonly ComposeKey[] {
  return kinds[target.kind].compose(target)
}

/** Removes `pull`, because how a model is fetched does not affect the measurement. */
function withoutPull(target: object): object {
  return { ...target, pull: undefined }
}

function withoutCredentials(text: string): string {
  const url = new URL(text)
  url.username = ''
  url.password = ''
  return url.href
}
