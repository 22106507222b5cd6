/** Collects the values of an option that may be repeated, in their order. */
export function collectValues(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}
