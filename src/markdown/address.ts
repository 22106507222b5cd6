/** What GitHub and remark-gfm turn into a link by themselves, escaped or not: web and mail addresses. */

const addresses = /(?:https?:\/\/|www\.)[\w\-.~:/?#@!$&'()+,;=%]*|[-.\w+]+@[-\w]+\.[-\w.]+/gi

export interface AddressPart {
  readonly address: boolean
  readonly value: string
}

/** The text in order, cut where an address begins or ends; no part is empty. */
export function addressParts(text: string): readonly AddressPart[] {
  if (!/:\/\/|www\.|@/i.test(text)) return text === '' ? [] : [{ address: false, value: text }]
  const parts: AddressPart[] = []
  let at = 0
  for (const { index, 0: value } of text.matchAll(addresses)) {
    if (index > at) parts.push({ address: false, value: text.slice(at, index) })
    parts.push({ address: true, value })
    at = index + value.length
  }
  if (at < text.length) parts.push({ address: false, value: text.slice(at) })
  return parts
}
