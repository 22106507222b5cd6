/** The number of a report's version, `v1.0`, and how it goes on. */

export interface Version {
  readonly major: number
  readonly minor: number
}

/** - `minor`: something was added. `major`: what was claimed or measured before is another thing now. */
export type Step = 'minor' | 'major'

export const firstVersion: Version = { major: 1, minor: 0 }

/** Undefined for anything but `vMAJOR.MINOR` without leading zeros. */
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
