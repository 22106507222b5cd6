/** A language that a report can be written in. */
import type { locales } from './locales.generated.ts'

export type Locale = (typeof locales)[number]

/** A text in each language. */
export type Localized = Readonly<Record<Locale, string>>
