/** The files of `templates/<locale>/`. Every locale has them all; a project's own folder overrides file by file. */
export const templateNames = [
  'report.hbs',
  'conclusion.hbs',
  'environment.hbs',
  'group.hbs',
  'comparison.hbs',
  'reliability.hbs',
  'definitions.hbs',
  'history.hbs',
  'footer.hbs',
  'causes.hbs',
  'advice.hbs',
  'words.yaml',
  'causes.yaml',
] as const
export type TemplateName = (typeof templateNames)[number]
