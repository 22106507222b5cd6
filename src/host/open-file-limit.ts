import { z } from 'zod'

const reportSchema = z.object({
  userLimits: z.object({ open_files: z.object({ soft: z.number() }) }),
})

/** How many files and connections this process may have open at once. Undefined for no limit, or if it is not known. */
export function openFileLimit(): number | undefined {
  // without this, the report looks up names in the network
  Object.assign(process.report, { excludeNetwork: true })
  const { data } = reportSchema.safeParse(process.report.getReport())
  return data?.userLimits.open_files.soft
}
