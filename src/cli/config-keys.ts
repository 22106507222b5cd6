/** Reads the keys of configs from an option that may be repeated: `a,b`. */
export function configKeys(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((key) => key.trim())]
}
