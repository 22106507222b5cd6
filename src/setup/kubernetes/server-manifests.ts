/** The Deployment and the Service of an Ollama in a cluster. */
import { ExpError } from '../../errors/exp-error.ts'
import { quoted } from '../../errors/quote.ts'
import { type ClusterServer, serverPort } from './cluster-servers.ts'

/** An object of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly [key: string]: unknown
}

/** Labels of all servers of an experiment. */
export function serverLabels(partOf: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': 'ollama', 'app.kubernetes.io/part-of': partOf }
}

/**
 * Escapes `$(NAME)`, which Kubernetes would replace in arguments and in values of variables.
 */
export function literal(text: string): string {
  return text.replaceAll('$(', '$$$$(')
}

/** Starts a server of its own, and pulls the models that it gets as arguments. */
const pullScript = `ollama serve & until ollama list >/dev/null 2>&1; do sleep 1; done
for model do ollama pull -- "$model" || exit 1; done`

/** @param partOf a name for all objects of the experiment */
export function serverManifests(server: ClusterServer, partOf: string): readonly Manifest[] {
  const { name, target, env, models } = server
  const labels = { ...serverLabels(partOf), 'app.kubernetes.io/component': name }
  const volumeMounts = [{ name: 'models', mountPath: '/root/.ollama' }]
  const variables = Object.entries({ ...env, OLLAMA_HOST: `0.0.0.0:${serverPort}` })
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          // Otherwise each Service of the namespace becomes variables such as OLLAMA_PORT.
          enableServiceLinks: false,
          affinity: {
            podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [sameNode(partOf)] },
          },
          ...(target.platform !== undefined && { nodeSelector: architectureOf(target.platform) }),
          initContainers: [
            {
              name: 'pull',
              image: target.image,
              command: ['sh', '-c', pullScript, 'pull', ...models.map(literal)],
              volumeMounts,
            },
          ],
          containers: [
            {
              name: 'ollama',
              image: target.image,
              env: variables.map(([key, value]) => ({ name: key, value: literal(value) })),
              ports: [{ name: 'http', containerPort: serverPort }],
              readinessProbe: {
                httpGet: { path: '/api/version', port: 'http' },
                periodSeconds: 2,
              },
              resources: resources(server),
              volumeMounts,
            },
          ],
          volumes: [{ name: 'models', emptyDir: {} }],
        },
      },
    },
  }
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels },
    spec: { selector: labels, ports: [{ name: 'http', port: serverPort, targetPort: 'http' }] },
  }
  return [deployment, service]
}

/** Selects the node of the experiment's other servers, because all configs must be measured on one machine. */
export function sameNode(partOf: string): object {
  return {
    labelSelector: { matchLabels: serverLabels(partOf) },
    topologyKey: 'kubernetes.io/hostname',
  }
}

/** `linux/arm64` as labels of a node. */
function architectureOf(platform: string): object {
  const [os = '', architecture] = platform.split('/')
  return {
    'kubernetes.io/os': os,
    ...(architecture !== undefined && { 'kubernetes.io/arch': architecture }),
  }
}

/** Small, because a server that waits for its turn must not reserve CPUs that another server uses. */
const reservedCpu = '100m'

/** The container's limits in the form of Kubernetes. */
function resources({ target: { cpus, memory, gpus } }: ClusterServer): object {
  const amount = memory === undefined ? undefined : memoryQuantity(memory)
  return {
    requests: { cpu: reservedCpu, ...(amount !== undefined && { memory: amount }) },
    limits: {
      ...(cpus !== undefined && { cpu: `${Math.max(1, Math.round(cpus * 1000))}m` }),
      ...(amount !== undefined && { memory: amount }),
      ...(gpus !== undefined && { 'nvidia.com/gpu': gpuCount(gpus) }),
    },
  }
}

/** Docker's `8g` is `8Gi` in Kubernetes. */
function memoryQuantity(memory: string): string {
  const unit = { k: 'Ki', m: 'Mi', g: 'Gi' }[memory.slice(-1).toLowerCase()]
  return unit === undefined
    ? String(Math.round(Number.parseFloat(memory)))
    : `${Number.parseFloat(memory)}${unit}`
}

function gpuCount(gpus: string): number {
  if (/^[1-9]\d{0,3}$/.test(gpus)) return Number(gpus)
  throw new ExpError(
    'invalid-input',
    `Kubernetes cannot give a container ${quoted(`gpus: ${gpus}`)}: it needs a number from 1 to 9999`,
    'Write how many GPUs each server gets: `gpus: "1"`. Each server keeps its own while the experiment runs.',
  )
}
