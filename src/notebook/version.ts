/** Version numbers of reports: `v1.0`. */

export interface Version {
  readonly major: number
  readonly minor: number
}

/** - `minor`: something was added. `major`: an earlier claim or measurement changed or was removed. */
export type Step = 'minor' | 'major'

export const firstVersion: Version = { major: 1, minor: 0 }

/** Undefined unless the text is `vMAJOR.MINOR` without leading zeros. */
export function parseVersion(text: string): Version | undefined {
  const [, major, minor] = /^v(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/.exec(text) ?? []
  return major === undefined || minor === undefined
    ? undefined
    : { major: Number(major), minor: Number(minor) }
}

export function formatVersion({ major, minor }: Version): string {
  return `v${major}.${minor}`
}

export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor
}

export function nextVersion({ major, minor }: Version, step: Step): Version {
  return step === 'major' ? { major: major + 1, minor: 0 } : { major, minor: minor + 1 }
}
