/**
 * Units of stored and shown figures. Inside the program a share is a number from 0 to 100 (`%`) and a
 * duration is in milliseconds; nothing else converts units.
 */
export const units = ['1/s', 'tokens/s', 'ms', 'ms/token', 'tokens', '%', 'count'] as const
export type Unit = (typeof units)[number]
