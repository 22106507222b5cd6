/**
 * Annotations of GitHub Actions: lines on stdout that GitHub shows beside the changed lines of a pull request. The values
 * come from files of a pull request, so they are escaped by GitHub's rules: no value can begin another command.
 */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly title: string
  /** Several lines are allowed. */
  readonly message: string
  /** Relative to the root of the git repository, with forward slashes. */
  readonly file?: string | undefined
  /** From 1. */
  readonly line?: number | undefined
  /** From 1. */
  readonly column?: number | undefined
}

/** The annotation as one line, without a line end. */
export function annotationLine({ level, message, ...place }: Annotation): string {
  const { file, line, column, title } = place
  const properties = Object.entries({ file, line, col: column, title })
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${escapedProperty(String(value))}`],
    )
    .join(',')
  return `::${level} ${properties}::${escapedData(message)}`
}

function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
