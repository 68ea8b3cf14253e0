// What the visitor kept, and happy accidents for who has not found any yet.
import type { Context, ViewParts } from '../context'
import { t } from '../i18n'
import { combine, fromSeed, type Point, read } from '../points'
import { h } from '../ui/dom'
import { favourites } from '../ui/favourites'
import { Tile, tileGrid } from '../ui/tile'

const SHOWN = 10

/** Themes as ways of picking points: the pictures are other ones for every model, the idea is the same. */
const THEMES: { name: 'wild' | 'halfway' | 'tame'; point: (i: number) => Point }[] = [
  { name: 'wild', point: i => combine([[2.6, fromSeed(41, i)]]) },
  {
    name: 'halfway',
    point: i =>
      combine([
        [0.5, fromSeed(42, 2 * i)],
        [0.5, fromSeed(42, 2 * i + 1)],
      ]),
  },
  { name: 'tame', point: i => combine([[0.35, fromSeed(43, i)]]) },
]

export function finds(c: Context): ViewParts {
  const kept = favourites()
    .filter(f => f.model === c.entry.name)
    .map(f => ({ point: read(f.point), scale: f.scale }))
    .filter((f): f is { point: Point; scale: number } => f.point !== null)
  const shelves = [
    { key: 'yours', title: t('yours'), points: kept.map(f => combine([[f.scale / c.scale, f.point]])) },
    ...THEMES.map(theme => ({
      key: theme.name,
      title: t(theme.name),
      points: Array.from({ length: SHOWN }, (_, i) => theme.point(i)),
    })),
  ].map(shelf => ({
    ...shelf,
    tiles: shelf.points.map((point, i) => {
      const tile = new Tile(t('picture', { n: i + 1, count: shelf.points.length }), c.entry.size, c.open)
      tile.point = point
      return tile
    }),
  }))
  return {
    element: h(
      'div',
      { class: 'stage' },
      ...shelves.map(shelf =>
        h(
          'section',
          { class: 'shelf' },
          h('h3', {}, shelf.title),
          shelf.tiles.length ? tileGrid(shelf.tiles, 5, shelf.title) : h('p', { class: 'hint' }, t('noFinds')),
        ),
      ),
    ),
    draw() {
      for (const { key, points, tiles } of shelves)
        void c.draw(
          `finds ${key}`,
          points,
          (i, pixels) => tiles[i].show(pixels),
          undefined,
          i => tiles[i].visible,
        )
    },
  }
}
