/** Who created something that outlives its creator: written into its label, read by whoever finds it. */
import { z } from 'zod'
import { parseJson } from '../../json/parse-json.ts'

const owner = z.object({ machine: z.string(), pid: z.int().min(1), start: z.string() })
export type Owner = Readonly<z.infer<typeof owner>>

export function formatOwner({ machine, pid, start }: Owner): string {
  return JSON.stringify({ machine, pid, start })
}

/** `undefined` for text that we did not write. */
export function parseOwner(text: string): Owner | undefined {
  return owner.safeParse(parseJson(text)).data
}
