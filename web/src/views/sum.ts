// base - minus + plus = result.
import type { Context, ViewParts } from '../context'
import { t } from '../i18n'
import { combine, fromChange, type Point } from '../points'
import { button } from '../ui/controls'
import { h } from '../ui/dom'
import { copyLink } from '../ui/keep'
import { Tile } from '../ui/tile'
import { corner } from './corner'

export function sum(c: Context): ViewParts {
  const result = new Tile(t('result'), c.entry.size, c.open)
  const resultPoint = (): Point => {
    const [base, minus, plus] = c.state.terms
    return combine([
      [1, base],
      [1, fromChange(minus, plus)],
    ])
  }
  function draw(): void {
    result.point = resultPoint()
    const tiles = [...parts.map(part => part.tile), result]
    void c.draw('sum', [...c.state.terms, result.point], (i, pixels) => tiles[i].show(pixels), [3, 0, 1, 2])
  }
  const parts = (['base', 'minus', 'plus'] as const).map((name, i) =>
    corner(c, t(name), c.state.terms[i], point => {
      c.set({ terms: c.state.terms.map((old, k) => (k === i ? point : old)) })
      draw()
    }),
  )
  const again = (): void => {
    const terms = [resultPoint(), ...c.state.terms.slice(1)]
    parts[0].set(terms[0])
    c.set({ terms })
    draw()
  }
  const sign = (text: string): HTMLElement => h('span', { class: 'sign', 'aria-hidden': 'true' }, text)
  const element = h(
    'div',
    { class: 'stage' },
    h(
      'div',
      { class: 'sum' },
      parts[0].element,
      sign('−'),
      parts[1].element,
      sign('+'),
      parts[2].element,
      sign('='),
      h(
        'section',
        { class: 'corner result', 'aria-label': t('result') },
        h('h3', {}, t('result')),
        result.element,
        button('sum', t('swap'), again, 'small'),
      ),
    ),
    h(
      'div',
      { class: 'minor' },
      button('link', t('copyLink'), () => {
        void copyLink(c.address, c.say)
      }),
    ),
  )
  return { element, draw }
}
