/** Puts the pictures of a report into its page, so that the page is one file and asks for nothing. */
import type { Element, Root } from 'hast'
import { h } from 'hastscript'
import { visit } from 'unist-util-visit'

/** The bytes of a picture that the report names; undefined if it is not stored in the project. */
export type ReadPicture = (address: string) => Buffer | undefined

const mediaTypes: Readonly<Record<string, string>> = {
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
}

/** A picture that is not stored in the project becomes its text: a page loads nothing from elsewhere. */
export function embedPictures(root: Root, read: ReadPicture): void {
  visit(root, 'element', (image, index, parent) => {
    if (image.tagName !== 'img' || parent === undefined || index === undefined) return
    const address = image.properties['src'] ?? ''
    const [, extension = ''] = /\.([a-z]+)$/.exec(address) ?? []
    const type = mediaTypes[extension]
    const bytes = type === undefined ? undefined : read(address)
    if (type === undefined || bytes === undefined) {
      parent.children[index] = withoutPicture(image)
      return
    }
    image.properties['src'] = `data:${type};base64,${bytes.toString('base64')}`
    image.properties['className'] = ['picture']
  })
}

function withoutPicture({ properties }: Element): Element {
  return h('span', { className: 'missing' }, properties['alt'] ?? properties['src'] ?? '')
}
