/** Turns the written samples of a dataset into samples for requests: each turn of a conversation becomes a sample. */
import type { Sample } from '../dataset.ts'
import type { Scalar } from '../model.ts'
import type { WrittenSample, WrittenTurn } from '../schema/written-dataset.ts'
import { wholeAnswer } from '../score.ts'
import type { Path } from '../source/source.ts'

/** A sample without its pictures, and its path in the dataset. */
export interface PlacedSample {
  readonly sample: Sample
  /** Relative to the dataset: `samples`, 3, `turns`, 0. */
  readonly path: Path
  /** The paths of its pictures, as written. */
  readonly images?: readonly string[] | undefined
}

/** All samples in the file's order. Each turn of a conversation is a sample. */
export function placedSamples(
  samples: ReadonlyMap<number, WrittenSample>,
): readonly PlacedSample[] {
  return [...samples].flatMap(([index, written]) =>
    written.turns === undefined
      ? [placedSample(written, index)]
      : turnsOf(written, written.turns, index),
  )
}

/** The default id of a sample is its position: `s1`, `s2`, … */
function placedSample({ id: writtenId, ...written }: WrittenSample, index: number): PlacedSample {
  const { expected, images, turns: _, ...others } = written
  const id = idOf(writtenId, index)
  const fields = { ...(others as Record<string, Scalar>), id }
  return {
    sample: { id, fields, expected: expectedOf(expected) },
    path: ['samples', index],
    images,
  }
}

/** The id of a turn is that of its conversation with the number of the turn: `s1/2`. */
function turnsOf(
  written: WrittenSample,
  turns: readonly WrittenTurn[],
  index: number,
): readonly PlacedSample[] {
  const { id, expected: _, images: __, turns: ___, ...shared } = written
  const conversation = idOf(id, index)
  return turns.map(({ expected, images, ...own }, at) => {
    const turn = { conversation, number: at + 1 }
    const turnId = `${conversation}/${turn.number}`
    const fields = { ...(shared as Record<string, Scalar>), ...own, id: turnId }
    return {
      sample: { id: turnId, fields, expected: expectedOf(expected), turn },
      path: ['samples', index, 'turns', at],
      images,
    }
  })
}

function idOf(written: WrittenSample['id'], index: number): string {
  return String(written ?? `s${index + 1}`)
}

/** The expected values of a sample by field; a single value is that of the whole answer. */
function expectedOf(expected: WrittenSample['expected']): Readonly<Record<string, Scalar>> {
  if (expected === undefined) return {}
  return typeof expected === 'object' ? expected : { [wholeAnswer]: expected }
}
