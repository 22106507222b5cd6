/** The loop that reading stored results is compared to: splits a file into lines and parses each as JSON. */
import { createReadStream } from 'node:fs'

/** @returns the number of objects */
export async function parseLines(path: string): Promise<number> {
  let [rest, objects] = ['', 0]
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
    const text = rest + String(chunk)
    let from = 0
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      if (typeof JSON.parse(text.slice(from, to)) === 'object') objects += 1
      from = to + 1
    }
    rest = text.slice(from)
  }
  return objects
}
