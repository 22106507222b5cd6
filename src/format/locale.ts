import type { locales } from './locales.generated.ts'

/** A language that a report can be written in. */
export type Locale = (typeof locales)[number]
