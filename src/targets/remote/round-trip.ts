/** Measures the round trip to a server on another machine, with requests that the server answers at once. */
import type { OllamaClient } from '../../ollama/client.ts'
import { errorMessage, missingObservation } from '../evidence/observe.ts'
import type { Observation } from '../target.ts'

/** How many requests are timed: odd, so that one of them is the median. An untimed request opens the connection. */
const roundTrips = 21

export async function observeRoundTrip(
  client: OllamaClient,
  signal: AbortSignal,
): Promise<Observation> {
  const source = '/api/version'
  try {
    await client.version({ signal })
    const times: number[] = []
    for (let index = 0; index < roundTrips; index += 1) {
      const start = performance.now()
      await client.version({ signal })
      times.push(performance.now() - start)
    }
    const median = times.toSorted((one, other) => one - other)[(roundTrips - 1) / 2] ?? NaN
    return { source, facts: { roundTripMs: Math.round(median * 1000) / 1000 } }
  } catch (error) {
    return missingObservation(source, ['roundTripMs'], errorMessage(error))
  }
}
