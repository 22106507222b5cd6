/** The id of a run: UTC time to the second and four random hex digits, so that ids sort by time. */
export function runId(at: Date, random: () => number): string {
  const time = at.toISOString().replace(/[-:]|\.\d+/g, '')
  const tail = Math.floor(random() * 0x10000)
    .toString(16)
    .padStart(4, '0')
  return `${time}-${tail}`
}
