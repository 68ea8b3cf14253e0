// Four corners and everything in between.
import type { Context, ViewParts } from '../context'
import { t } from '../i18n'
import { blend, type Point, write } from '../points'
import { h } from '../ui/dom'
import { waysHome } from '../ui/keep'
import { largeSheet, nameOf } from '../ui/large'
import { Tile, tileGrid } from '../ui/tile'
import { corner } from './corner'

const SIDE = 5

/** Every other cell first, so that a drag is followed at once, then the rest. */
const ORDER = [...Array(SIDE * SIDE).keys()].sort((a, b) => rank(a) - rank(b))
function rank(i: number): number {
  const [row, column] = [Math.floor(i / SIDE), i % SIDE]
  return row % 4 === 0 && column % 4 === 0 ? 0 : row % 2 === 0 && column % 2 === 0 ? 1 : 2
}

export function corners(c: Context): ViewParts {
  const count = SIDE * SIDE
  const tiles = Array.from(
    { length: count },
    (_, i) => new Tile(t('picture', { n: i + 1, count }), c.entry.size, c.open),
  )
  const shown: string[] = []

  function draw(): void {
    const points = tiles.map((_, i) =>
      blend(c.state.corners, Math.floor(i / SIDE) / (SIDE - 1), (i % SIDE) / (SIDE - 1)),
    )
    const wanted = points.map(point => `${c.scale} ${write(point)}`)
    tiles.forEach((tile, i) => {
      tile.point = points[i]
    })
    // Only cells that changed are drawn again; what an earlier request has not drawn yet is still wanted.
    const order = ORDER.filter(i => wanted[i] !== shown[i] || !tiles[i].drawn)
    order.forEach(i => {
      shown[i] = ''
    })
    void c.draw(
      'corners',
      points,
      (i, pixels) => {
        tiles[i].show(pixels)
        shown[i] = wanted[i]
        const at = [0, SIDE - 1, count - SIDE, count - 1].indexOf(i)
        if (at >= 0) parts[at].tile.show(pixels)
      },
      order,
      i => tiles[i].visible,
    )
  }

  const change = (at: number, point: Point): void => {
    c.set({ corners: c.state.corners.map((old, i) => (i === at ? point : old)) })
    draw()
  }
  const parts = ([0, 1, 2, 3] as const).map(i =>
    corner(c, t(`corner_${i}`), c.state.corners[i], point => change(i, point)),
  )
  // On a phone one corner is edited at a time, right under the grid; a wide screen shows all four.
  const choose = (at: number): void => {
    parts.forEach((part, i) => part.element.classList.toggle('chosen', i === at))
    chips.forEach((chip, i) => chip.setAttribute('aria-pressed', String(i === at)))
  }
  const chips = ([0, 1, 2, 3] as const).map(i =>
    h('button', { type: 'button', class: 'chip', onclick: () => choose(i) }, t(`corner_${i}`)),
  )
  choose(0)
  const element = h(
    'div',
    { class: 'stage corners' },
    h(
      'div',
      { class: 'corner-box' },
      h('div', { class: 'corner-chips', role: 'group', 'aria-label': t('choose') }, ...chips),
      ...parts.map(part => part.element),
    ),
    h(
      'div',
      { class: 'blend' },
      tileGrid(tiles, SIDE, t('blendGrid')),
      h(
        'div',
        { class: 'minor' },
        ...waysHome(t('saveGrid'), {
          picture: () => largeSheet(c, tiles, SIDE),
          name: () => nameOf(c, `corners-${c.state.corners.map(write).join('-')}`),
          link: () => c.address,
          say: c.say,
        }),
      ),
    ),
  )
  return { element, draw }
}
