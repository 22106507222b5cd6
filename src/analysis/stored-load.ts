/** What analysis needs to know of a stored workload, which the record keeps as it was planned. */
import { z } from 'zod'
import type { TrialHeader } from '../results/record.ts'

const plannedWorkload = z.object({
  cache: z.enum(['cold', 'warm', 'as-is']).optional(),
  load: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('closed-duration'), users: z.number() }),
    z.object({ kind: z.literal('closed-requests'), users: z.number(), requests: z.number() }),
    z.object({ kind: z.literal('open'), ratePerSecond: z.number() }),
  ]),
})
export type StoredWorkload = Readonly<z.infer<typeof plannedWorkload>>

/** `undefined` where the record was made by a program that planned otherwise. */
export function storedWorkload(header: TrialHeader): StoredWorkload | undefined {
  return plannedWorkload.safeParse(header.workload).data
}
