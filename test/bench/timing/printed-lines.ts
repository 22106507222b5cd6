/**
 * What `load-client.ts` and `bare-reader.c` print: a line per request with its id, when it was sent, when its first and
 * its last byte arrived, and perhaps the estimated errors of the last two; then the CPU time. All in nanoseconds.
 */
import type { Statement } from './contender.ts'

export function statedInLines(printed: string): Statement {
  const lines = printed.trim().split('\n')
  return {
    requests: lines.slice(0, -1).map((line) => {
      const [id = '', ...times] = line.split(' ')
      const [sent = 0n, first = 0n, end = 0n, firstError, error] = times.map(BigInt)
      return {
        id: Number(id),
        latencyMs: milliseconds(end - sent),
        firstTokenMs: milliseconds(first - sent),
        ...(error !== undefined && { estimatedErrorMs: milliseconds(error) }),
        ...(firstError !== undefined && { estimatedFirstTokenErrorMs: milliseconds(firstError) }),
      }
    }),
    cpuMs: milliseconds(BigInt(lines.at(-1) ?? '')),
  }
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6
}
