/**
 * The value of a JSON text, or `undefined` if the text is not JSON. JSON itself cannot express `undefined`.
 * @param onError called with the parser's reason; throws, or returns the result instead
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
