import { readSource } from '../experiment/source/source.ts'
import { limits } from '../errors/limits.ts'
import { readFileIfExists } from '../files/read-files.ts'

/**
 * The line of a hypothesis in its experiment's file, from 1; undefined if the file has no such hypothesis.
 * @param file relative to the project's root
 */
export function hypothesisLine(root: string, file: string, id: string): number | undefined {
  const text = readFileIfExists(root, file)?.toString('utf8') ?? ''
  const { source } = readSource(file, text, limits.experiment)
  for (let index = 0; source?.has(['hypotheses', index]) === true; index += 1) {
    const path = ['hypotheses', index, 'id']
    if (source.written(path) === id) return source.line(path)
  }
  return undefined
}
