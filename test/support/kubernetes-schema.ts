/** Checks objects against the schemas that Kubernetes publishes. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const definitions = z
  .object({ $defs: z.record(z.string(), z.record(z.string(), z.unknown())) })
  .parse(JSON.parse(readFileSync('test/fixtures/kubernetes/v1.37.0.json', 'utf8'))).$defs

const names: Readonly<Record<string, string>> = {
  Deployment: 'io.k8s.api.apps.v1.Deployment',
  Job: 'io.k8s.api.batch.v1.Job',
  PersistentVolumeClaim: 'io.k8s.api.core.v1.PersistentVolumeClaim',
  Pod: 'io.k8s.api.core.v1.Pod',
  Service: 'io.k8s.api.core.v1.Service',
}

/** One text per problem. An object of a kind without a schema is a problem. */
export function schemaProblems(object: unknown): readonly string[] {
  const { kind } = z.object({ kind: z.string() }).parse(object)
  const name = names[kind]
  if (name === undefined) return [`no schema for ${kind}`]
  const schema = z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs: definitions })
  const { error } = schema.safeParse(object)
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}
