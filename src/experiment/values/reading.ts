/** The result of reading a small written value: what it means, or why it cannot be read. */
export type Reading<T> = { readonly value: T } | { readonly message: string; readonly hint: string }

export function isRead<T>(reading: Reading<T>): reading is { readonly value: T } {
  return 'value' in reading
}

/**
 * The value of a text that the schema has already accepted.
 * @throws TypeError if it cannot be read, which would be a bug
 */
export function readChecked<T>(reading: Reading<T>): T {
  if (!isRead(reading)) throw new TypeError(reading.message)
  return reading.value
}
