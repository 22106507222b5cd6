/** Random damage to texts and to JSON values: what a broken tool, a bad merge or an attacker could leave in a file. */
import fc from 'fast-check'

/**
 * Pieces of YAML, Markdown, templates, JSON, and of codes for terminals and CI. Many of them have been slow or fatal
 * when repeated.
 */
const pieces = [
  ...[
    '>',
    '> ',
    '- ',
    '1. ',
    '[^a]: ',
    '[a](',
    '![',
    '](x)',
    '[',
    '*a ',
    '**',
    '_',
    '~',
    '`',
    '``a',
    '|',
  ],
  ...[
    '<!--',
    '-->',
    '<?',
    '<![CDATA[',
    '<a ',
    '<b>',
    '</b>',
    '<details>',
    '```\n',
    '~~~\n',
    '# ',
    '---\n',
  ],
  ...[
    'a',
    'a.',
    'a-',
    'a@',
    '@',
    ' @',
    ':a',
    '#1 ',
    '$',
    'www.',
    'http://',
    'key',
    'key=',
    'token: x ',
    'a:b@',
  ],
  ...[
    '{{',
    '}}',
    '{{#if title}}',
    '{{/if}}',
    '{{else}}',
    '{{#each groups}}',
    '{{/each}}',
    '{{> group}}',
  ],
  ...[
    '{{> causes}}',
    '{{#with conclusion}}',
    '{{../x}}',
    '{{{x}}}',
    '{{!-- ',
    '{',
    '}',
    '{a: ',
    '[a, ',
    '"',
    "'",
  ],
  ...[
    '? ',
    ': ',
    '&a ',
    '*a ',
    '!!x ',
    '<<: ',
    '\n',
    '\n  ',
    '\t',
    '\r',
    '\\',
    ',',
    '0',
    '9',
    '-',
    '1e999',
    '.nan',
  ],
  ...[
    '\u0000',
    '\u001b[5m',
    '\u001b]0;',
    '\u0007',
    '\u009b5m',
    '\u202e',
    '\u2028',
    '\ufeff',
    '\ud800',
    '漫画',
    '👍🏽',
  ],
  ...[
    '::error::x\n',
    '##[error]',
    '<!-- exp:keep a -->\n',
    '<!-- exp:end a -->\n',
    '<<<<<<< a\n',
    '=======\n',
  ],
  ...[
    'null',
    'true',
    '[]',
    '{}',
    '__proto__',
    'constructor',
    'toString',
    '../',
    '/etc/passwd',
    '%',
    '±',
    '≤',
  ],
]

const times = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 2, arbitrary: fc.integer({ min: 30, max: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom(5_000, 20_000, 80_000) },
)
const piece = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...pieces) },
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const cut = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat(12) },
  fc.nat(400),
)
const edit = fc.record({ at: fc.nat(), cut, piece, times })

/** The text with up to four pieces inserted, each once or many times, and with parts cut out. */
export function mutatedText(base: string): fc.Arbitrary<string> {
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) =>
    edits.reduce((text, { at, cut: length, piece: inserted, times: count }) => {
      const start = at % (text.length + 1)
      return text.slice(0, start) + inserted.repeat(count) + text.slice(start + length)
    }, base),
  )
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const strange: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    ...[null, true, 0, -1, 0.5, 1e308, 1e-320, -1e15, 2 ** 53, 2 ** 53 - 1, 1e9, '', 'x', [], {}],
    { a: 1 },
    ['a'],
  ),
  fc.tuple(piece, times).map(([text, count]) => text.repeat(count)),
  fc.integer({ min: 1, max: 1000 }).map((depth): Json => nested(depth)),
  fc.jsonValue({ maxDepth: 2 }).map((value) => value as Json),
)

function nested(depth: number): Json {
  let value: Json = 1
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

const jsonEdit = fc.record({
  path: fc.array(fc.nat(), { maxLength: 5 }),
  how: fc.constantFrom('replace', 'replace', 'remove', 'add', 'copy'),
  value: strange,
  key: piece,
})
type JsonEdit = typeof jsonEdit extends fc.Arbitrary<infer Edit> ? Edit : never

/** The value with up to three parts replaced, removed or added. */
export function mutatedJson(base: unknown): fc.Arbitrary<unknown> {
  return fc
    .array(jsonEdit, { minLength: 1, maxLength: 3 })
    .map((edits) => edits.reduce<unknown>((value, each) => changed(value, each.path, each), base))
}

/** Changes the part at the path, whose steps choose among the keys of each level. */
function changed(value: unknown, path: readonly number[], edit: JsonEdit): unknown {
  const [step, ...rest] = path
  if (step === undefined || typeof value !== 'object' || value === null) return edit.value
  const entries: [string, unknown][] = Object.entries(value)
  const at = step % (entries.length + 1)
  const [key, inner] = entries[at] ?? [edit.key, edit.value]
  const replacement: readonly [string, unknown][] =
    rest.length > 0 && entries[at] !== undefined
      ? [[key, changed(inner, rest, edit)]]
      : edit.how === 'remove'
        ? []
        : edit.how === 'add'
          ? [
              [key, inner],
              [edit.key, edit.value],
            ]
          : edit.how === 'copy'
            ? [
                [key, inner],
                [`${key}2`, inner],
              ]
            : [[key, edit.value]]
  const all = [...entries.slice(0, at), ...replacement, ...entries.slice(at + 1)]
  return Array.isArray(value) ? all.map(([, each]) => each) : Object.fromEntries(all)
}
