import { z } from 'zod'

const reportSchema = z.object({
  userLimits: z.object({ open_files: z.object({ soft: z.number() }) }),
})

/** How many files and connections this process may have open at once. Undefined for no limit, or if it is not known. */
export function openFileLimit(): number | undefined {
  // prevents the report from looking up network names, which is slow
  Object.assign(process.report, { excludeNetwork: true })
  const { data } = reportSchema.safeParse(process.report.getReport())
  return data?.userLimits.open_files.soft
}
