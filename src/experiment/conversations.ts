/** The conversations of a dataset. */
import type { Sample } from './dataset.ts'

/** Indexes of the samples, in groups that are sent one after another: the turns of a conversation, or one sample. */
export function sampleGroups(samples: readonly Sample[]): readonly (readonly number[])[] {
  const groups: number[][] = []
  for (const [index, { turn }] of samples.entries()) {
    const last = groups.at(-1)
    if (last !== undefined && turn !== undefined && turn.number > 1) last.push(index)
    else groups.push([index])
  }
  return groups
}

/** The samples in the groups that `sampleGroups` returns. */
export function conversationsOf(samples: readonly Sample[]): readonly (readonly Sample[])[] {
  return sampleGroups(samples).map((group) => group.flatMap((index) => samples[index] ?? []))
}

/** True if a sample is a turn of a conversation. */
export function hasConversations(samples: readonly Sample[]): boolean {
  return samples.some(({ turn }) => turn !== undefined)
}
