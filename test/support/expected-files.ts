/** Expected files are compared by `toMatchFileSnapshot`; a missing one fails, and `npx vitest run -u` writes it. */
import { expect } from 'vitest'

/** True during `npx vitest run -u`. */
export function isUpdating(): boolean {
  return expect.getState().snapshotState.snapshotUpdateState === 'all'
}
