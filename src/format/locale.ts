/** The languages that a report can be written in. */
export const locales = ['zh-CN', 'en'] as const
export type Locale = (typeof locales)[number]

/** A text in each language. */
export type Localized = Readonly<Record<Locale, string>>
