import { expect, it } from 'vitest'
import { APPS, fits } from '../src/ui/pack'

it('takes as many favourites as an app allows', () => {
  expect(fits(APPS.whatsapp, 2)).toBe(0)
  expect(fits(APPS.whatsapp, 3)).toBe(3)
  expect(fits(APPS.whatsapp, 99)).toBe(30)
  expect(fits(APPS.line, 7)).toBe(0)
  expect(fits(APPS.line, 31)).toBe(24)
  expect(fits(APPS.line, 200)).toBe(40)
})
