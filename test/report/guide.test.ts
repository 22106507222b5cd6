import { expect, it } from 'vitest'
import { templateGuide } from '../../src/report/guide.ts'

// To renew it on purpose: npx vitest run test/report/guide.test.ts -u
it('the guide to templates is what the code says', async () => {
  await expect(templateGuide()).toMatchFileSnapshot('../../templates/README.md')
})
