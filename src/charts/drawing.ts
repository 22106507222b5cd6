/**
 * What draws the charts: a chart with the same data and the same drawing has the same bytes. Kept apart from the code
 * that draws, because loading the library takes longer than checking a report.
 */

/** Raise it with each change of the code of this room that changes the bytes of a chart; a test notices. */
const drawingCode = 5

/** The version of the library; a test compares it with the installed one. */
export const plotVersion = '0.6.17'

export const drawing = `plot ${plotVersion}, drawing ${drawingCode}`
