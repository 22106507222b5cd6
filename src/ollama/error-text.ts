/** What a server or the system said, in a form that can be stored and shown. */
import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import { parseJson } from '../json/parse-json.ts'

const longest = 500
/** Controls, and what reorders or hides text. */
const controlCodes =
  /[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]+/gu

// A cut may leave the first half of a surrogate pair.
const halfPair = /[\ud800-\udbff]$/

/** One line of at most 500 characters without control codes; may be empty. */
export function cleanText(text: string): string {
  const clean = stripVTControlCharacters(text.slice(0, 4 * longest))
    .replace(controlCodes, ' ')
    .trim()
  return clean.length <= longest ? clean : `${clean.slice(0, longest - 1).replace(halfPair, '')}…`
}

const errorBody = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) })

/** The error that a body carries in Ollama's form `{"error": …}`; absent for any other body. */
export function errorOfBody(body: string): string | undefined {
  const parsed = errorBody.safeParse(parseJson(body))
  if (!parsed.success) return undefined
  const { error } = parsed.data
  return cleanText(typeof error === 'string' ? error : error.message)
}

/** Whether a body is a web page, by its content type or its first characters. */
export function isWebPage(contentType: string | undefined, body: string): boolean {
  return contentType?.includes('text/html') === true || /^\s*<(!doctype|html)/i.test(body)
}
