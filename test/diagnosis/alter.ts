/** Requests of a simulated trial, changed one by one. */
import type { RequestRecord } from '../../src/results/record.ts'

export type Alter = (request: RequestRecord) => RequestRecord

/** The load time of those requests is so much longer, and with it everything after. */
export function waitsForLoad(ms: number, which: (request: RequestRecord) => boolean): Alter {
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

/** Time between server and client, before each answer comes. */
export function heldBack(ms: number): Alter {
  return (request) => ({
    ...request,
    firstByteMs: (request.firstByteMs ?? 0) + ms,
    firstContentMs: (request.firstContentMs ?? 0) + ms,
    endMs: request.endMs + ms,
  })
}

export function withFields(fields: Partial<RequestRecord>): Alter {
  return (request) => ({ ...request, ...fields })
}

/** What a server does not tell. */
export function without(...names: readonly (keyof RequestRecord)[]): Alter {
  return (request) => {
    const known = { ...request }
    for (const name of names) Reflect.deleteProperty(known, name)
    return known
  }
}

/** Prefill takes so many times as long, and with it everything after. */
export function slowPrefill(factor: number): Alter {
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

export function both(...changes: readonly Alter[]): Alter {
  return (request) => changes.reduce((changed, alter) => alter(changed), request)
}
