/** The result of reading a value of the file: what it means, or why it cannot be read. */
export type Reading<T> = { readonly value: T } | { readonly message: string; readonly hint: string }

export function isRead<T>(reading: Reading<T>): reading is { readonly value: T } {
  return 'value' in reading
}

/**
 * The value of a reading that cannot have failed, because the schema already accepted the text.
 * @throws TypeError if the reading failed, which would be a bug
 */
export function readChecked<T>(reading: Reading<T>): T {
  if (!isRead(reading)) throw new TypeError(reading.message)
  return reading.value
}
