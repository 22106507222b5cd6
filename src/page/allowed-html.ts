/** The allow-list for a report's HTML in a page: elements, attributes and URL schemes. Everything else is dropped. */
import type { Options } from 'rehype-sanitize'

export const inlineElements =
  'a b br code del em i img ins kbd mark s samp small strong sub sup u var'.split(' ')
const blocks = 'blockquote details div h1 h2 h3 h4 h5 h6 hr li ol p pre section summary ul'.split(
  ' ',
)
const tables = 'table tbody td th thead tr'.split(' ')

/** The ids of footnotes, which `remark` generates. Ids that people write are dropped. */
const footnoteId = /^user-content-fn(?:ref)?-[\w%.~-]+$/

export const allowedHtml: Options = {
  tagNames: [...inlineElements, ...blocks, ...tables, 'input'],
  attributes: {
    a: [
      'href',
      'title',
      'dataFootnoteRef',
      'dataFootnoteBackref',
      'ariaDescribedBy',
      'ariaLabel',
      ['id', footnoteId],
      ['className', 'data-footnote-backref'],
    ],
    code: [['className', /^language-[\w-]+$/]],
    details: ['open'],
    h2: [
      ['id', 'footnote-label'],
      ['className', 'sr-only'],
    ],
    img: ['src', 'alt', 'title', 'width', 'height'],
    input: [['type', 'checkbox'], ['disabled', true], 'checked'],
    li: [
      ['id', footnoteId],
      ['className', 'task-list-item'],
    ],
    ol: ['start'],
    section: ['dataFootnotes', ['className', 'footnotes']],
    td: ['align'],
    th: ['align'],
    ul: [['className', 'contains-task-list']],
  },
  required: { input: { type: 'checkbox', disabled: true } },
  protocols: { href: ['http', 'https', 'mailto'], src: ['http', 'https'] },
  // No prefix for ids: only those that match the patterns above are allowed.
  clobber: [],
  clobberPrefix: '',
  strip: ['script', 'style'],
  allowComments: false,
  allowDoctypes: false,
}
