import { expect, it } from 'vitest'
import { reportShape } from '../../src/report/view.ts'
import { templateGuide } from '../../src/templates/guide.ts'

// To renew it on purpose: npx vitest run test/templates/guide.test.ts -u
it('the guide to templates is what the code says', async () => {
  await expect(templateGuide(reportShape)).toMatchFileSnapshot('../../templates/README.md')
})
