/** What the YAML library finds wrong, said to people, with the mistake that is mostly behind it. */
import type { YAMLError } from 'yaml'
import type { Finding } from '../problem.ts'

export const tooDeep: Finding = {
  code: 'yaml',
  message: 'the file is nested too deeply',
  hint: 'is this the right file?',
}

export function yamlFinding({ code, message, pos }: YAMLError, text: string): Finding {
  if (code === 'TAB_AS_INDENT')
    return { code: 'tab', message: 'a tab indents this line', hint: 'YAML is indented by spaces' }
  if (code === 'TAG_RESOLVE_FAILED' || code === 'BAD_DIRECTIVE')
    return { code: 'tag', message: shortened(message), hint: 'take the tag out' }
  if (code === 'BAD_ALIAS' || code === 'ALIAS_PROPS')
    return { code: 'alias', message: shortened(message), hint: 'write the value out' }
  if (code === 'NON_STRING_KEY')
    return { code: 'yaml', message: 'a mapping cannot be a key', hint: yamlHint(text, pos[0]) }
  return { code: 'yaml', message: shortened(message), hint: yamlHint(text, pos[0]) }
}

/** Most errors of this kind are values that YAML reads as something else for want of quotes. */
function yamlHint(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0] ?? ''
  if (/:\s*>[=\s\d]/.test(line)) return 'put the threshold in quotes: `">= 80%"`'
  if (line.includes('{{')) return 'put the prompt in quotes, or after `|` on lines of its own'
  if (/[:\-,{[]\s*[@`%&*!|>]/.test(line)) return 'put the value in quotes'
  if (/:\s[^"'#]*:\s/.test(line)) return 'put a value that holds `: ` in quotes'
  return 'look for a missing quote, bracket or colon, or for an indent that differs'
}

/** The library's message as the rest of a line; it can quote the file at any length. */
function shortened(text: string): string {
  const short = text.length > 120 ? `${text.slice(0, 119)}…` : text
  return short.slice(0, 1).toLowerCase() + short.slice(1)
}
