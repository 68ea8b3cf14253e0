// New pictures at the press of a button.
import type { Context, ViewParts } from '../context'
import { t } from '../i18n'
import { fromSeed, type Point } from '../points'
import { button, randomSeed } from '../ui/controls'
import { h } from '../ui/dom'
import { copyLink, download, toBlob } from '../ui/keep'
import { largeSheet } from '../ui/large'
import { Tile, tileGrid } from '../ui/tile'

export function grid(c: Context): ViewParts {
  const columns = matchMedia('(max-width: 599px)').matches ? 3 : 5
  const count = columns * columns
  const tiles = Array.from(
    { length: count },
    (_, i) => new Tile(t('picture', { n: i + 1, count }), c.entry.size, c.open),
  )

  function draw(): void {
    const points = tiles.map((_, i) => fromSeed(c.state.seed, i))
    tiles.forEach((tile, i) => {
      tile.point = points[i]
    })
    const show = (i: number, pixels: ImageData, point: Point): void => {
      tiles[i].point = point
      tiles[i].show(pixels)
    }
    void c.sample('grid', points, show, i => tiles[i].visible)
  }

  const { source, columns: across, seed } = c.entry.stills
  if (c.state.seed === seed && c.state.scale === null) {
    const sheet = new Image()
    sheet.onload = () =>
      tiles.forEach((tile, i) => {
        if (!tile.drawn) tile.showStill(sheet, i % across, Math.floor(i / across))
      })
    sheet.src = source
  }

  const generate = button(
    'spark',
    t('generate'),
    () => {
      c.set({ seed: randomSeed(), scale: null })
      draw()
    },
    'primary big',
  )
  const element = h(
    'div',
    { class: 'stage' },
    tileGrid(tiles, columns, t('view_grid')),
    h(
      'div',
      { class: 'actions' },
      generate,
      h(
        'div',
        { class: 'minor' },
        button('save', t('saveGrid'), () => {
          void largeSheet(c, tiles, columns)
            .then(sheet => toBlob(sheet))
            .then(blob => download(blob, `${c.entry.name}-${c.state.seed}.png`))
        }),
        button('link', t('copyLink'), () => {
          void copyLink(c.address, c.say)
        }),
      ),
    ),
  )
  return { element, draw }
}
