/**
 * The value of a JSON text, or `undefined` if the text is not JSON (no JSON text means `undefined`).
 * @param onError receives the parser's reason, and throws or gives the value to return
 */
export function parseJson(
  text: string,
  onError: (reason: string) => unknown = () => undefined,
): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return onError(error instanceof Error ? error.message : String(error))
  }
}
