/**
 * Finds text that GitHub acts on even if it is escaped: addresses, mentions, references to issues and commits, emoji
 * codes and formulas. Inline code prevents this, and readers can copy it unchanged.
 */

export interface TextPart {
  /** True if GitHub would act on it. It then contains no backtick. */
  readonly isActive: boolean
  readonly value: string
}

// Each pattern takes linear time: it cannot match in two ways, and starts only where a word starts.

const webAddress = /(?:(?:https?|ftp):\/\/|www\.)[\w\-.~:/?#@!$&'()+,;=%]*/gi
const mailAddress = /(?<![-.\w+])[-.\w+]+@[-\w]+\.[-\w.]+/g

const mention = /(?<!\w)@\w[\w-]*(?:\/[\w.-]+)?/
const issue = /#\d+(?!\w)|(?<!\w)gh-\d+(?!\w)/
const commit = /(?<!\w)(?=\d*[a-f])[\da-f]{7,40}(?!\w)/
/**
 * Only listed names may begin with a digit, so that times and sizes such as `14:21:05` and `qwen3:4b:` do not match.
 */
const emojiName = /[a-z_][\w+-]*|[+-]1|100|1234|8ball|(?:1st|2nd|3rd)_place_medal/
const emoji = new RegExp(`:(?:${emojiName.source}):`)
/** One dollar sign is enough, because another text on the same line may hold the second one. */
const formula = /\$[^\s`|\\]*/
const reference = new RegExp(
  [mention, issue, commit, emoji, formula].map(({ source }) => source).join('|'),
  'gi',
)

/** A quick test, which most texts fail: then no other pattern can match. */
const maybeActive = /[@#$]|:\/\/|:[\w+-]+:|www\.|gh-\d|[\da-f]{7}/i

/**
 * Splits the text at the start and the end of each active part. No part is empty, and no two active parts are
 * neighbours.
 */
export function splitActiveText(text: string): readonly TextPart[] {
  if (text === '') return []
  const whole: TextPart = { isActive: false, value: text }
  if (!maybeActive.test(text)) return [whole]
  // One pattern after the other: an address may contain what looks like a reference.
  const parts = [webAddress, mailAddress, reference].reduce<readonly TextPart[]>(
    (before, pattern) =>
      before.flatMap((part) => (part.isActive ? [part] : splitAt(pattern, part.value))),
    [whole],
  )
  return joinNeighbours(parts)
}

function splitAt(pattern: RegExp, text: string): readonly TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const { index, 0: value } of text.matchAll(pattern)) {
    if (index > end) parts.push({ isActive: false, value: text.slice(end, index) })
    parts.push({ isActive: true, value })
    end = index + value.length
  }
  if (end < text.length) parts.push({ isActive: false, value: text.slice(end) })
  return parts
}

/** Joins active parts without text between them: two pieces of inline code cannot follow each other directly. */
function joinNeighbours(parts: readonly TextPart[]): readonly TextPart[] {
  const joined: TextPart[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (last?.isActive === true && part.isActive)
      joined[joined.length - 1] = { isActive: true, value: last.value + part.value }
    else joined.push(part)
  }
  return joined
}

const halfEmoji = new RegExp(`:(?:${emojiName.source})$`, 'i')
/** A private-use character. */
const mark = '\ue001'

/**
 * Marks a value whose end would become an emoji code if a colon followed. `closeHalfEmoji` removes the mark once the
 * following text is known.
 */
export function markHalfEmoji(source: string): string {
  return halfEmoji.test(source) ? source + mark : source
}

/** Turns each marked end that a colon follows into inline code, and removes all marks. */
export function closeHalfEmoji(text: string): string {
  if (!text.includes(mark)) return text
  return text.replace(/(:[\w+-]+)\ue001+(?=:)/g, '`$1`').replaceAll(mark, '')
}
