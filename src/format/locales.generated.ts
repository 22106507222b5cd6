// Generated from the folder `templates/` by `npm run generate`. Do not edit.

/** The languages that a report can be written in; the first is the default. */
export const locales = ['zh-CN', 'en'] as const

/** A language that a report can be written in. */
export type Locale = (typeof locales)[number]
