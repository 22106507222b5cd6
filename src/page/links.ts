/** Rewrites the links of a report so that they work on its page. */
import type { Root } from 'hast'
import { visit } from 'unist-util-visit'

/** Returns the address of a relative link for readers of the page; undefined if they do not have the file. */
export type ResolveLink = (address: string) => string | undefined

/** Replaces the addresses of links. A link to a file that readers do not have becomes text with the file's path. */
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

/** The address without percent-encoding. */
export function decoded(address: string): string {
  try {
    return decodeURIComponent(address)
  } catch {
    return address
  }
}
