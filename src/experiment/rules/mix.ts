/** The rule for mixes: their items have different names. */
import { quoted } from '../../errors/quote.ts'
import { type FileRule, writtenMixes } from '../draft.ts'
import { mixItemName } from '../resolve/resolve-workload.ts'

export const mixes: FileRule = ({ draft }) =>
  writtenMixes(draft).flatMap(({ path, items }) => {
    const names = items.map(mixItemName)
    return items.flatMap((item, index) => {
      const name = names[index]
      if (name === undefined)
        return [
          draft.source.problem([...path, index], {
            code: 'missing-key',
            message: 'this item of the mix has neither a name nor a model',
            hint: 'add `name: …`, which results and reports show for its requests',
          }),
        ]
      if (names.indexOf(name) === index) return []
      return [
        draft.source.problem([...path, index, item.name === undefined ? 'model' : 'name'], {
          code: 'duplicate-id',
          message: `two items of the mix are named ${quoted(name)}`,
          hint: 'give each a name of its own: `name: short-answers`',
        }),
      ]
    })
  })
