import { expect, it } from 'vitest'
import { reportShape } from '../../src/report/view.ts'
import { templateGuide } from '../../src/templates/guide.ts'

it('templates/README.md lists the values and words that the code declares', async () => {
  await expect(templateGuide(reportShape)).toMatchFileSnapshot('../../templates/README.md')
})
