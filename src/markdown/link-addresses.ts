/** Measures the addresses that the links of a text repeat: `[text][name]` has the address that `[name]:` defines once. */
import type { Root } from 'mdast'
import { everyNode } from './markdown.ts'

/** The characters of the addresses and titles of all links and pictures that name a definition. */
export function addressCharacters(root: Root): number {
  const nodes = [...everyNode(root)]
  const lengths = new Map<string, number>()
  for (const node of nodes)
    // The first definition of a name counts.
    if (node.type === 'definition' && !lengths.has(node.identifier))
      lengths.set(node.identifier, node.url.length + (node.title?.length ?? 0))
  let total = 0
  for (const node of nodes)
    if (node.type === 'linkReference' || node.type === 'imageReference')
      total += lengths.get(node.identifier) ?? 0
  return total
}
