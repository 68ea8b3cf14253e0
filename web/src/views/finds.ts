// What the visitor kept, and happy accidents for who has not found any yet.
import type { Context, ViewParts } from '../context'
import { t } from '../i18n'
import { combine, fromSeed, type Point, read } from '../points'
import { h } from '../ui/dom'
import { favourites } from '../ui/favourites'
import { makeCrisp } from '../ui/large'
import { packer } from '../ui/packer'
import { Tile, tileGrid } from '../ui/tile'

const SHOWN = 10
const SEED = 42

const HALVES = Array.from({ length: 2 * SHOWN }, (_, i) => fromSeed(SEED, i))

const halfway = (halves: readonly Point[], i: number): Point =>
  combine([
    [0.5, halves[2 * i]],
    [0.5, halves[2 * i + 1]],
  ])

export function finds(c: Context): ViewParts {
  const kept = favourites()
    .filter(f => f.model === c.entry.name)
    .map(f => ({ point: read(f.point), scale: f.scale }))
    .filter((f): f is { point: Point; scale: number } => f.point !== null)
  const shelves = [
    { title: t('yours'), points: kept.map(f => combine([[f.scale / c.scale, f.point]])) },
    { title: t('halfway'), points: Array.from({ length: SHOWN }, (_, i) => halfway(HALVES, i)) },
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
      ...shelves.map((shelf, i) =>
        h(
          'section',
          { class: 'shelf' },
          h('h3', {}, shelf.title),
          shelf.tiles.length ? tileGrid(shelf.tiles, 5, shelf.title) : h('p', { class: 'hint' }, t('noFinds')),
          i === 0 && shelf.tiles.length > 0 && packer(c, shelf.points),
        ),
      ),
    ),
    draw() {
      const [yours, accidents] = shelves.map(shelf => shelf.tiles)
      const show = (i: number, pixels: ImageData, point: Point): void => {
        accidents[i].point = point
        accidents[i].show(pixels)
      }
      if (c.renderer?.header.blends) showBlends(c, accidents)
      else void c.sample('halfway', shelves[1].points, show, i => accidents[i].visible)
      void c
        .draw(
          'yours',
          shelves[0].points,
          (i, pixels) => yours[i].show(pixels),
          undefined,
          i => yours[i].visible,
        )
        .then(whole => whole && makeCrisp(c, 'yours large', yours))
    },
  }
}

/** Accidents that are blends of pictures: each of these is found on its own, as two at once are seldom accepted. */
function showBlends(c: Context, accidents: readonly Tile[]): void {
  const found: Point[] = []
  const show = (i: number, point: Point): void => {
    found[i] = point
    const number = i >> 1
    if (!found[2 * number] || !found[2 * number + 1]) return
    const tile = accidents[number]
    tile.point = halfway(found, number)
    void c.draw(`halfway ${number}`, [tile.point], (_, pixels) => tile.show(pixels))
  }
  void c.sample(
    'halves',
    HALVES,
    (i, _, point) => show(i, point),
    i => accidents[i >> 1].visible,
  )
}
