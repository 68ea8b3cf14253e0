// New pictures at the press of a button.
import type { Context, ViewParts } from '../context'
import { t } from '../i18n'
import { fromSeed, type Point } from '../points'
import { button, randomSeed } from '../ui/controls'
import { h } from '../ui/dom'
import { waysHome } from '../ui/keep'
import { largeSheet, makeCrisp, nameOf } from '../ui/large'
import { Tile, tileGrid } from '../ui/tile'

/** A grid that is drawn while nobody waits for anything: a press of the button shows at once what there is of it. */
interface Ahead {
  seed: number
  drawn: Map<number, [ImageData, Point]>
  /** Whether it is the one on the page by now. */
  wanted: boolean
}

export function grid(c: Context): ViewParts {
  const columns = matchMedia('(max-width: 599px)').matches ? 3 : 5
  const count = columns * columns
  const tiles = Array.from(
    { length: count },
    (_, i) => new Tile(t('picture', { n: i + 1, count }), c.entry.size, c.open),
  )

  let ahead: Ahead | null = null

  function show(i: number, pixels: ImageData, point: Point): void {
    tiles[i].point = point
    tiles[i].show(pixels)
  }

  function draw(): void {
    const points = tiles.map((_, i) => fromSeed(c.state.seed, i))
    tiles.forEach((tile, i) => {
      tile.point = points[i]
    })
    if (ahead?.seed === c.state.seed && c.state.scale === null) {
      ahead.wanted = true // what is not there yet comes as it is drawn
      for (const [i, drawn] of ahead.drawn) show(i, ...drawn)
      if (ahead.drawn.size === count) goOn()
      return
    }
    ahead = null
    void c
      .sample('grid', points, show, i => tiles[i].visible)
      .then(async whole => {
        await c.renderer?.decided
        if (whole && !ahead && element.isConnected) goOn()
      })
  }

  /** What is done while nobody waits for anything: the next grid is drawn, then what is on the page is finished. */
  function goOn(): void {
    if (c.state.scale === null) drawAhead()
    else makeCrisp(c, 'grid large', tiles)
  }

  /** Begins with another grid, for the next press of the button. */
  function drawAhead(): void {
    const own: Ahead = { seed: randomSeed(), drawn: new Map(), wanted: false }
    ahead = own
    const keep = (i: number, pixels: ImageData, point: Point): void => {
      if (ahead !== own) return
      own.drawn.set(i, [pixels, point])
      if (own.wanted) show(i, pixels, point)
    }
    const points = tiles.map((_, i) => fromSeed(own.seed, i))
    void c
      .sample('ahead', points, keep, i => ahead === own && own.wanted && tiles[i].visible)
      .then(whole => {
        if (!whole || ahead !== own) return
        if (own.wanted) goOn()
        else makeCrisp(c, 'grid large', tiles)
      })
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
      c.set({ seed: ahead && !ahead.wanted ? ahead.seed : randomSeed(), scale: null })
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
        ...waysHome(t('saveGrid'), {
          picture: () => largeSheet(c, tiles, columns),
          name: () => nameOf(c, String(c.state.seed)),
          link: () => c.address,
          say: c.say,
        }),
      ),
    ),
  )
  return { element, draw }
}
