// One picture, large, with a slider for every direction that the model knows.
import type { Context, ViewParts } from '../context'
import { currentLanguage, t } from '../i18n'
import { combine, fromDirection, fromSeed, type Point } from '../points'
import { LARGE } from '../runtime/finish'
import type { Direction, Words } from '../runtime/model'
import { button, randomSeed, slider } from '../ui/controls'
import { h } from '../ui/dom'
import { copyLink } from '../ui/keep'
import { Tile } from '../ui/tile'

const weightOf = (point: Point, index: number): number =>
  point.reduce((sum, { weight, atom }) => sum + (atom.kind === 'direction' && atom.index === index ? weight : 0), 0)

/** For pages of older versions, which do not say how far a direction reaches. */
const REACH_OF_FEATURES = [-1.5, 1.5]
const REACH_OF_LATENTS = [-2, 2]

interface Tuner {
  element: HTMLElement
  /** Shows what the picture now has. */
  follow(): void
}

export function tune(c: Context): ViewParts {
  const tile = new Tile(t('subject'), c.entry.size, c.open)
  tile.element.classList.add('large')
  const panel = h('div', { class: 'sliders' })
  let tuners: Tuner[] = []

  /** The slider of a direction: from -1 to 1, which are as far as its reach allows to either side. */
  function sliderFor(direction: Direction, i: number): Tuner {
    const [low, high] = direction.reach ?? (c.renderer!.header.sums ? REACH_OF_FEATURES : REACH_OF_LATENTS)
    const inWords = (words: Words | undefined): string | undefined => words?.[currentLanguage()] ?? words?.en
    const shown = (): number => {
      const weight = weightOf(c.state.subject, i)
      return Math.max(-1, Math.min(1, weight < 0 ? weight / -low : weight / high || 0))
    }
    const control = slider(
      inWords(direction.name) ?? t('direction', { n: i + 1 }),
      low < 0 ? -1 : 0,
      high > 0 ? 1 : 0,
      0.05,
      shown(),
      at => {
        const weight = at < 0 ? at * -low : at * high
        c.set({
          subject: combine([
            [1, c.state.subject],
            [weight - weightOf(c.state.subject, i), fromDirection(i)],
          ]),
        })
        draw()
      },
      at => (at > 0 ? '+' : '') + at.toFixed(2),
      [inWords(direction.ends?.[0]) ?? t('lessOf'), inWords(direction.ends?.[1]) ?? t('moreOf')],
    )
    return { element: control.element, follow: () => control.set(shown()) }
  }

  function draw(): void {
    const directions = c.renderer?.header.directions ?? []
    if (c.renderer && !panel.childElementCount) {
      tuners = directions.map(sliderFor)
      panel.append(...(directions.length ? tuners.map(s => s.element) : [h('p', {}, t('noDirections'))]))
    }
    tile.point = c.state.subject
    void c
      .draw('tune', [tile.point], (_, pixels) => tile.show(pixels))
      .then(drawn => drawn && c.drawLarge('tune large', [tile.point], LARGE, (_, pixels) => tile.showLarge(pixels)))
  }

  const show = (subject: Point): void => {
    c.set({ subject })
    for (const tuner of tuners) tuner.follow()
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
      h('div', { class: 'tune-subject' }, tile.element),
      h(
        'div',
        { class: 'tune-panel' },
        panel,
        h(
          'div',
          { class: 'minor' },
          button('dice', t('dice'), () => {
            void c.resample([fromSeed(randomSeed(), 0)]).then(found => found && show(found[0]))
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
