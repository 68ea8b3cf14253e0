// A little demonstration with the page's own model: what collapse looks like.
import type { Context } from '../context'
import { t } from '../i18n'
import { combine, fromSeed, type Point } from '../points'
import { slider } from '../ui/controls'
import { h } from '../ui/dom'
import { Tile } from '../ui/tile'

const SHOWN = 5
const SEED = 5

export interface Demo {
  element: HTMLElement
  draw(): void
}

const card = (title: string, what: string, ...parts: HTMLElement[]): HTMLElement =>
  h('section', { class: 'demo', 'aria-label': title }, h('h3', {}, title), h('p', {}, what), ...parts)

const row = (c: Context): Tile[] =>
  Array.from({ length: SHOWN }, (_, i) => new Tile(t('picture', { n: i + 1, count: SHOWN }), c.entry.size, c.open))

/** Inputs squeezed towards the first one, and how much of the pictures' variety is then left.  `ondrawn` is called when all are there. */
export function collapse(c: Context, ondrawn: () => void): Demo {
  let share = 0
  const tiles = row(c)
  const pictures: ImageData[] = []
  let whole = 0
  const reading = h('p', { class: 'hint', role: 'status' })
  const point = (i: number): Point =>
    combine([
      [1 - share, fromSeed(SEED, i)],
      [share, fromSeed(SEED, 0)],
    ])
  const draw = (): void => {
    void c
      .draw(
        'collapse',
        tiles.map((tile, i) => (tile.point = point(i))),
        (i, pixels) => {
          tiles[i].show(pixels)
          pictures[i] = pixels
        },
      )
      .then(done => {
        if (!done) return
        ondrawn()
        if (!share) whole = variety(pictures)
        reading.textContent = t('demoLeft', { percent: Math.round((100 * variety(pictures)) / (whole || 1)) })
      })
  }
  const control = slider(
    t('demoSqueeze'),
    0,
    1,
    0.01,
    0,
    value => {
      share = value
      draw()
    },
    v => `${Math.round(100 * v)} %`,
  )
  return {
    draw,
    element: card(
      t('demoCollapseTitle'),
      t('demoCollapse'),
      h('div', { class: 'tiles' }, ...tiles.map(tile => tile.element)),
      control.element,
      reading,
    ),
  }
}

/** Mean absolute difference of the pictures' numbers from those of their mean picture. */
export function variety(pictures: readonly { data: ArrayLike<number> }[]): number {
  const length = pictures[0].data.length
  let sum = 0
  for (let k = 0; k < length; k++) {
    const mean = pictures.reduce((total, p) => total + p.data[k], 0) / pictures.length
    for (const p of pictures) sum += Math.abs(p.data[k] - mean)
  }
  return sum / length / pictures.length
}
