/** Differences between compared configs that the file does not declare, by the names that `accept` takes. */
export const acceptable = [
  'serverVersion',
  'modelDigest',
  'quantization',
  'contextLength',
  'options',
  'answerLimit',
  'dataset',
  'prompts',
] as const
export type Acceptable = (typeof acceptable)[number]
