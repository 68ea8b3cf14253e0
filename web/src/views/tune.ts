// One picture, large, with a slider for every direction that the model knows.
import type { Context, ViewParts } from '../context'
import { currentLanguage, t } from '../i18n'
import { combine, fromDirection, fromSeed, type Point } from '../points'
import { button, randomSeed, type Slider, slider } from '../ui/controls'
import { h } from '../ui/dom'
import { copyLink } from '../ui/keep'
import { Tile } from '../ui/tile'

const weightOf = (point: Point, index: number): number =>
  point.reduce((sum, { weight, atom }) => sum + (atom.kind === 'direction' && atom.index === index ? weight : 0), 0)

export function tune(c: Context): ViewParts {
  const tile = new Tile(t('subject'), c.entry.size, c.open)
  tile.element.classList.add('large')
  const panel = h('div', { class: 'sliders' })
  let sliders: Slider[] = []

  function draw(): void {
    const directions = c.studio?.header.directions ?? []
    const reach = c.studio?.header.sums ? 3 : 4
    if (c.studio && !panel.childElementCount) {
      sliders = directions.map((direction, i) =>
        slider(
          direction.name[currentLanguage()] ?? direction.name.en ?? t('direction', { n: i + 1 }),
          -reach,
          reach,
          0.05,
          weightOf(c.state.subject, i),
          value => {
            c.set({
              subject: combine([
                [1, c.state.subject],
                [value - weightOf(c.state.subject, i), fromDirection(i)],
              ]),
            })
            draw()
          },
          v => (v > 0 ? '+' : '') + v.toFixed(2),
        ),
      )
      panel.append(...(directions.length ? sliders.map(s => s.element) : [h('p', {}, t('noDirections'))]))
    }
    tile.point = c.state.subject
    void c.draw('tune', [tile.point], (_, pixels) => tile.show(pixels))
  }

  const show = (subject: Point): void => {
    c.set({ subject })
    sliders.forEach((s, i) => s.set(weightOf(subject, i)))
    draw()
  }
  const plain = (): Point => {
    const kept = c.state.subject.filter(term => term.atom.kind !== 'direction')
    return kept.length ? kept : fromSeed(1, 0)
  }
  return {
    element: h(
      'div',
      { class: 'stage tune' },
      tile.element,
      h(
        'div',
        { class: 'tune-panel' },
        panel,
        c.scaleControl,
        h(
          'div',
          { class: 'minor' },
          button('dice', t('dice'), () => {
            void c.pick([fromSeed(randomSeed(), 0)]).then(found => found && show(found[0]))
          }),
          button('close', t('reset'), () => show(plain())),
          button('link', t('copyLink'), () => {
            void copyLink(c.address, c.say)
          }),
        ),
      ),
    ),
    draw,
  }
}
