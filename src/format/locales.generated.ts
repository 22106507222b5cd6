// Generated from the folder `templates/` by `npm run generate`. Do not edit.

/** The languages that a report can be written in; the first is the default. */
export const locales = ['zh-CN', 'en'] as const
