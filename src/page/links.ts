/** Rewrites the links of a report, so that they lead to files that the readers of its page have. */
import type { Root } from 'hast'
import { visit } from 'unist-util-visit'

/** Where a relative link of a report leads on its page; undefined if the reader has no such file. */
export type ResolveLink = (address: string) => string | undefined

/** A link that leads nowhere for the reader becomes text, with the file that it names. */
export function resolveLinks(root: Root, resolve: ResolveLink): void {
  visit(root, 'element', (link) => {
    const { href } = link.properties
    if (link.tagName !== 'a' || typeof href !== 'string' || href.startsWith('#')) return
    if (/^[a-z]+:/i.test(href)) {
      link.properties['rel'] = ['noopener', 'noreferrer']
      return
    }
    const target = resolve(href)
    if (target !== undefined) {
      link.properties['href'] = target
      return
    }
    link.tagName = 'span'
    link.properties = { className: ['file'], title: decoded(href) }
  })
}

/** The path that an address names, as people write it. */
export function decoded(address: string): string {
  try {
    return decodeURIComponent(address)
  } catch {
    return address
  }
}
