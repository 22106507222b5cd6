/**
 * Writes an experiment as a Kustomize base. Input: an experiment whose configs are containers. Output: files with a
 * Deployment and a Service for each server, a Job that measures them, an image for that Job, and the experiment with
 * the addresses of the servers. All objects are built as data, so that no text of the experiment becomes YAML.
 */
import { stringify } from 'yaml'
import type { Experiment } from '../../experiment/experiment.ts'
import { toWrittenExperiment } from '../../experiment/write-experiment.ts'
import { yamlText } from '../../experiment/yaml-text.ts'
import { clusterExperiment, clusterServers } from './cluster-servers.ts'
import { objectName } from './object-name.ts'
import { collectorManifest, runnerImage, runnerManifests } from './runner-manifests.ts'
import { type Manifest, serverManifests } from './server-manifests.ts'

/** Added to the name of an experiment, it names the experiment that runs in the cluster. */
const suffix = '-kubernetes'

export interface KubernetesBase {
  /** The folder of the base, relative to the project. */
  readonly folder: string
  /** By path relative to the project. */
  readonly files: ReadonlyMap<string, string>
}

/**
 * @param datasetFile the dataset as the experiment's file names it; absent if it is part of the file
 * @throws ExpError `invalid-input` if a config cannot be started in a cluster
 */
export function kubernetesBase(
  experiment: Experiment,
  datasetFile: string | undefined,
): KubernetesBase {
  const servers = clusterServers(experiment)
  const id = `${experiment.id}${suffix}`
  const file = `experiments/${id}.yaml`
  const folder = `kubernetes/${experiment.id}`
  const partOf = objectName('exp', experiment.id)
  const content = {
    ...clusterExperiment(experiment, servers),
    ...(datasetFile !== undefined && { datasetFile }),
  }
  const header = `Written by \`exp kubernetes ${experiment.file}\`, which overwrites it.`
  const manifests = (objects: readonly Manifest[]) =>
    objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n')
  const collector = collectorManifest(partOf)
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['servers.yaml', 'runner.yaml'],
  }
  const steps = usage({ folder, partOf, id, collector: collector.metadata.name })
  const commented = (text: string) => `# ${header}\n${text}`
  return {
    folder,
    files: new Map([
      [file, yamlText(toWrittenExperiment(content), { header: [header] })],
      [
        `${folder}/kustomization.yaml`,
        commented(
          `${steps.map((line) => `# ${line}`.trimEnd()).join('\n')}\n${stringify(kustomization)}`,
        ),
      ],
      [
        `${folder}/servers.yaml`,
        commented(manifests(servers.flatMap((server) => serverManifests(server, partOf)))),
      ],
      [`${folder}/runner.yaml`, commented(manifests(runnerManifests(servers, partOf, file)))],
      [`${folder}/collect.yaml`, commented(manifests([collector]))],
      [`${folder}/Dockerfile`, commented(dockerfile)],
      [`${folder}/Dockerfile.dockerignore`, commented(ignored)],
    ]),
  }
}

interface Names {
  readonly folder: string
  readonly partOf: string
  /** Of the experiment in the cluster. */
  readonly id: string
  readonly collector: string
}

/** The commands that use the base, as a comment. */
function usage({ folder, partOf, id, collector }: Names): readonly string[] {
  const registry = '{name: exp-runner, newName: REGISTRY/exp-runner}'
  return [
    'What your cluster needs (nodes, size of the volume, a registry) belongs into an overlay that names this folder as a',
    `resource. For a registry: \`images: [${registry}]\`; without one: \`kind load docker-image ${runnerImage}\`.`,
    "This project's package.json must have exp-notebook among its devDependencies. From the project's folder:",
    '',
    `  docker build --file ${folder}/Dockerfile --tag ${runnerImage} .`,
    `  kubectl apply --kustomize ${folder}`,
    `  kubectl wait --for=condition=complete --timeout=6h job/${partOf}; kubectl logs job/${partOf}`,
    `  kubectl apply --filename ${folder}/collect.yaml && kubectl wait --for=condition=Ready pod/${collector}`,
    `  kubectl cp ${collector}:/reports/${id}/results reports/${id}/results`,
    `  kubectl delete --filename ${folder}/collect.yaml; kubectl delete --kustomize ${folder}`,
    `  exp report ${id}`,
  ]
}

const dockerfile = `FROM node:22-bookworm-slim
WORKDIR /project
COPY . .
RUN npm ci && mkdir -p reports && chown node reports
USER node
`

const ignored = `.git
node_modules
reports
exp.local.yaml
`
