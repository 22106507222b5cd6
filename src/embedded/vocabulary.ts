/**
 * The tokens of the embedded model: four control tokens, 256 byte tokens as a fallback, and one token for
 * each printable ASCII character, for frequent English letter pairs, and for the 3,755 common Chinese
 * characters of GB 2312.
 */

export interface Token {
  /** As stored in the file: `▁` stands for a space, `<0x0A>` for a byte. */
  readonly piece: string
  /** The kinds of llama.cpp: 1 normal, 2 unknown, 3 control, 6 byte. */
  readonly kind: 1 | 2 | 3 | 6
  /** The bytes that the token adds to an answer; empty for control tokens. */
  readonly bytes: Uint8Array
}

export const tokenIds = {
  unknown: 0,
  begin: 1,
  endOfTurn: 2,
  startOfTurn: 3,
  firstByte: 4,
} as const

const letterPairs =
  'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur'
const chinesePunctuation = '，。！？、；：“”‘’（）《》【】…—·'

/** All tokens, indexed by id. */
export function createVocabulary(): readonly Token[] {
  const control = (piece: string, kind: 2 | 3): Token => ({ piece, kind, bytes: new Uint8Array() })
  const normal = (text: string): Token => ({
    piece: text.replaceAll(' ', '▁'),
    kind: 1,
    bytes: Buffer.from(text),
  })
  return [
    control('<unk>', 2),
    control('<s>', 3),
    control('<|im_end|>', 3),
    control('<|im_start|>', 3),
    ...Array.from({ length: 256 }, (_, byte): Token => byteToken(byte)),
    ...Array.from({ length: 95 }, (_, index) => normal(String.fromCharCode(0x20 + index))),
    ...letterPairs.split(' ').map(normal),
    ...Array.from(chinesePunctuation, normal),
    ...commonChineseCharacters().map(normal),
  ]
}

function byteToken(byte: number): Token {
  const hex = byte.toString(16).toUpperCase().padStart(2, '0')
  return { piece: `<0x${hex}>`, kind: 6, bytes: Uint8Array.of(byte) }
}

/** Level 1 of GB 2312: rows 16 to 55 of 94 characters, the last row without its last five. */
function commonChineseCharacters(): readonly string[] {
  const decoder = new TextDecoder('gbk')
  const characters: string[] = []
  for (let row = 16; row <= 55; row++)
    for (let cell = 1; cell <= (row === 55 ? 89 : 94); cell++)
      characters.push(decoder.decode(Uint8Array.of(0xa0 + row, 0xa0 + cell)))
  return characters
}
