/** Changes to the requests of a simulated trial. */
import type { RequestRecord } from '../../../src/results/record.ts'

export type RequestChange = (request: RequestRecord) => RequestRecord

/** Adds load time to the chosen requests, which delays everything after it. */
export function waitsForLoad(
  ms: number,
  which: (request: RequestRecord) => boolean,
): RequestChange {
  return (request) =>
    which(request)
      ? {
          ...request,
          loadMs: (request.loadMs ?? 0) + ms,
          serverTotalMs: (request.serverTotalMs ?? 0) + ms,
          endMs: request.endMs + ms,
        }
      : request
}

/** Adds time between server and client before each answer. */
export function delayedOnTheWay(ms: number): RequestChange {
  return (request) => ({
    ...request,
    firstByteMs: (request.firstByteMs ?? 0) + ms,
    firstContentMs: (request.firstContentMs ?? 0) + ms,
    endMs: request.endMs + ms,
  })
}

export function withFields(fields: Partial<RequestRecord>): RequestChange {
  return (request) => ({ ...request, ...fields })
}

/** Removes fields that a server does not report. */
export function withoutFields(...names: readonly (keyof RequestRecord)[]): RequestChange {
  return (request) => {
    const known = { ...request }
    for (const name of names) Reflect.deleteProperty(known, name)
    return known
  }
}

/** Multiplies the prefill time, which delays everything after it. */
export function slowPrefill(factor: number): RequestChange {
  return (request) => {
    const more = (request.promptEvalMs ?? 0) * (factor - 1)
    return {
      ...request,
      promptEvalMs: (request.promptEvalMs ?? 0) + more,
      serverTotalMs: (request.serverTotalMs ?? 0) + more,
      endMs: request.endMs + more,
    }
  }
}

export function combined(...changes: readonly RequestChange[]): RequestChange {
  return (request) => changes.reduce((changed, alter) => alter(changed), request)
}
