/** What a report passed over, in words for the terminal. */
import type { SelectionNote } from '../results/selection.ts'

/** One line a note, each ended by a line break; empty for none. */
export function notesText(notes: readonly SelectionNote[]): string {
  return notes.map((note) => `  note: ${noteText(note)}\n`).join('')
}

function noteText(note: SelectionNote): string {
  switch (note.code) {
    case 'cut-off':
      return note.used
        ? `run ${note.run} was cut off (${note.configs.join(', ')}); what it measured is used`
        : `run ${note.run} was cut off (${note.configs.join(', ')}) and is not used; the report stands on a complete one`
    case 'passed-over':
      return `run ${note.run} has ${note.ended} of ${note.asked} rounds of ${note.config} and is not used; the report stands on a run with more`
    case 'dropped':
      return `run ${note.run} was dropped: ${note.why}`
    case 'stand-in-replaced':
      return `run ${note.run} was on the embedded engine; real results have taken its place`
  }
}
