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
