const gibibyte = 2 ** 30

/** Memory and disks for people: `23.5 GiB`. */
export function gib(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`
}
