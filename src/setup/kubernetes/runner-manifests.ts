/** The Job that measures an experiment in a cluster, and the volume and the pod that give access to its results. */
import { type ClusterServer, serverPort } from './cluster-servers.ts'
import { literal, type Manifest, sameNode } from './server-manifests.ts'

/** The image that the user builds. An overlay may name another one. */
export const runnerImage = 'exp-runner:1'

const reportsFolder = '/project/reports'
/** The user `node` of the official image of Node. */
const securityContext = { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 }
const maxSeconds = 6 * 3600

/** Waits until each URL that it gets as an argument answers. */
export const waitScript = `for (const url of process.argv.slice(1))
  while (!(await fetch(url).then((answer) => answer.ok, () => false)))
    await new Promise((resolve) => setTimeout(resolve, 2000))`

/** @param file the experiment, relative to the project */
export function runnerManifests(
  servers: readonly ClusterServer[],
  partOf: string,
  file: string,
): readonly Manifest[] {
  const labels = { 'app.kubernetes.io/name': 'exp', 'app.kubernetes.io/part-of': partOf }
  const urls = servers.map(({ name }) => `http://${name}:${serverPort}/api/version`)
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: partOf, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: maxSeconds,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          enableServiceLinks: false,
          securityContext,
          // The load generator must not take CPU time from the servers, if there is another node.
          affinity: {
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 100, podAffinityTerm: sameNode(partOf) },
              ],
            },
          },
          initContainers: [
            {
              name: 'wait',
              image: runnerImage,
              command: ['node', '--input-type=module', '--eval', waitScript, '--', ...urls],
            },
          ],
          containers: [
            {
              name: 'exp',
              image: runnerImage,
              command: ['npx', 'exp', 'run', literal(file), '--yes'],
              resources: { requests: { cpu: '1', memory: '512Mi' } },
              volumeMounts: [{ name: 'reports', mountPath: reportsFolder }],
            },
          ],
          volumes: [{ name: 'reports', persistentVolumeClaim: { claimName: partOf } }],
        },
      },
    },
  }
  return [claim(partOf), job]
}

function claim(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }
}

/** A pod with which `kubectl cp` reads the results after the run. */
export function collectorManifest(partOf: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${partOf.slice(0, 55)}-collect` },
    spec: {
      restartPolicy: 'Never',
      securityContext,
      containers: [
        {
          name: 'collect',
          image: 'busybox:1.37',
          command: ['sleep', '3600'],
          volumeMounts: [{ name: 'reports', mountPath: '/reports', readOnly: true }],
        },
      ],
      volumes: [{ name: 'reports', persistentVolumeClaim: { claimName: partOf } }],
    },
  }
}
