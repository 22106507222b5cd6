/**
 * Identifies the code that draws charts: the same data and the same `drawing` give the same bytes. Has its own file,
 * because loading the drawing library takes longer than checking a report.
 */

/** Increase it whenever a change of code in this room changes the bytes of a chart; a test detects this. */
const drawingCode = 5

/** The version of the library; a test compares it with the installed one. */
export const plotVersion = '0.6.17'

export const drawing = `plot ${plotVersion}, drawing ${drawingCode}`
