/** Translates the errors of the YAML library: a plain message, and a hint at the likely mistake. */
import type { YAMLError } from 'yaml'
import type { Finding } from '../problem.ts'

export const tooDeep: Finding = {
  code: 'yaml',
  message: 'the file is nested too deeply',
  hint: 'is this the right file?',
}

export function yamlFinding({ code, message, pos }: YAMLError, text: string): Finding {
  if (code === 'TAB_AS_INDENT')
    return { code: 'tab', message: 'this line is indented with a tab', hint: 'indent with spaces' }
  if (code === 'TAG_RESOLVE_FAILED' || code === 'BAD_DIRECTIVE')
    return { code: 'tag', message: shortened(message), hint: 'remove the tag' }
  if (code === 'BAD_ALIAS' || code === 'ALIAS_PROPS')
    return { code: 'alias', message: shortened(message), hint: 'write the value in full' }
  if (code === 'NON_STRING_KEY')
    return { code: 'yaml', message: 'a mapping cannot be a key', hint: yamlHint(text, pos[0]) }
  return { code: 'yaml', message: shortened(message), hint: yamlHint(text, pos[0]) }
}

/** Most of these errors are values without quotes that YAML reads as something else. */
function yamlHint(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0] ?? ''
  if (/:\s*>[=\s\d]/.test(line)) return 'put the threshold in quotes: `">= 80%"`'
  if (line.includes('{{')) return 'put the prompt in quotes, or on its own lines after `|`'
  if (/[:\-,{[]\s*[@`%&*!|>]/.test(line)) return 'put the value in quotes'
  if (/:\s[^"'#]*:\s/.test(line)) return 'put a value that contains `: ` in quotes'
  return 'look for a missing quote, bracket or colon, or a wrong indent'
}

/** The library's message, cut to 120 characters because it may quote much of the file, without a leading capital. */
function shortened(text: string): string {
  const short = text.length > 120 ? `${text.slice(0, 119)}…` : text
  return short.slice(0, 1).toLowerCase() + short.slice(1)
}
