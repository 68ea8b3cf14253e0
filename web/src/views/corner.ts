// One picture with its three numbers: a corner of the blend, or a term of the sum.
import type { Context } from '../context'
import { t } from '../i18n'
import { fromNumbers, numbersOf, type Point } from '../points'
import { numbers } from '../ui/controls'
import { h, icon } from '../ui/dom'
import { Tile } from '../ui/tile'

export interface Corner {
  element: HTMLElement
  tile: Tile
  set(point: Point): void
}

const REACH = 140 // pixels of dragging that change a number by one
const tidy = (n: number): number => Math.max(-9, Math.min(9, Math.round(n * 20) / 20))

/** `onchange` is called with every new point, while dragging too. */
export function corner(c: Context, name: string, start: Point, onchange: (point: Point) => void): Corner {
  let point = start
  let dragged = false
  const tile = new Tile(name, c.entry.size, self => {
    if (!dragged) c.open(self)
  })
  const change = (next: Point): void => {
    set(next)
    onchange(next)
  }
  const inputs = numbers(name, numbersOf(point) ?? [0, 0, 0], values => {
    point = tile.point = fromNumbers(...values)
    onchange(point)
  })
  const random = (): number => tidy(2.4 * (Math.random() - 0.5))
  const dice = (): void => change(fromNumbers(random(), random(), random()))
  const picked = h(
    'p',
    { class: 'picked' },
    t('picked'),
    ' ',
    h(
      'button',
      {
        type: 'button',
        class: 'text',
        onclick: () => change(fromNumbers(0, 0, 0)),
      },
      t('useNumbers'),
    ),
  )

  function set(next: Point): void {
    point = tile.point = next
    const values = numbersOf(point)
    inputs.element.hidden = !values
    picked.hidden = !!values
    if (values) inputs.set(values)
  }

  tile.element.classList.add('draggable')
  tile.element.title = t('dragHint')
  tile.element.addEventListener('pointerdown', down => {
    dragged = false
    const from = numbersOf(point)
    if (!from || down.button) return
    tile.element.setPointerCapture(down.pointerId)
    const move = (event: PointerEvent): void => {
      const [x, y] = [event.clientX - down.clientX, event.clientY - down.clientY]
      if (Math.hypot(x, y) > 5) dragged = true
      if (dragged) change(fromNumbers(tidy(from[0] + x / REACH), tidy(from[1] - y / REACH), from[2]))
    }
    tile.element.addEventListener('pointermove', move)
    const end = (): void => tile.element.removeEventListener('pointermove', move)
    tile.element.addEventListener('lostpointercapture', end, { once: true })
  })
  set(point)
  return {
    tile,
    set,
    element: h(
      'section',
      { class: 'corner', 'aria-label': name },
      h(
        'div',
        { class: 'corner-head' },
        h('h3', {}, name),
        h(
          'button',
          { type: 'button', class: 'dice', 'aria-label': `${name}: ${t('dice')}`, title: t('dice'), onclick: dice },
          icon('dice'),
        ),
      ),
      tile.element,
      inputs.element,
      picked,
    ),
  }
}
