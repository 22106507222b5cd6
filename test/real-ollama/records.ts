import { z } from 'zod'
import type { Project } from '../support/project.ts'

const record = z.object({
  type: z.string(),
  config: z.string().optional(),
  facts: z.record(z.string(), z.unknown()).optional(),
})

/** Returns a function from a config's key to the facts of its trials, later ones over earlier ones. */
export function decodeRecords(project: Project, experiment: string) {
  const folder = `reports/${experiment}/results`
  return (config: string): Record<string, unknown> => {
    const files = project.list(folder).filter((name) => name.includes(`-${config}-`))
    const records = files
      .flatMap((name) => project.read(`${folder}/${name}`).trimEnd().split('\n'))
      .map((line) => record.parse(JSON.parse(line)))
    return Object.assign({}, ...records.map(({ facts }) => facts ?? {})) as Record<string, unknown>
  }
}

const header = z.object({
  config: z.string(),
  round: z.number(),
  position: z.number(),
  start: z.number().optional(),
  search: z.boolean().optional(),
})

/** The headers of the trials, in the order of the trials. */
export function trialHeaders(
  project: Project,
  experiment: string,
): readonly z.infer<typeof header>[] {
  const folder = `reports/${experiment}/results`
  return project
    .list(folder)
    .map((name) => {
      const [first = ''] = project.read(`${folder}/${name}`).split('\n')
      return header.parse(JSON.parse(first))
    })
    .toSorted((one, other) => one.position - other.position)
}
