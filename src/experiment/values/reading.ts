/** The outcome of reading a small written value: what it means, or why it means nothing. */
export type Reading<T> = { readonly value: T } | { readonly wrong: string; readonly hint: string }

export function isRead<T>(reading: Reading<T>): reading is { readonly value: T } {
  return 'value' in reading
}
