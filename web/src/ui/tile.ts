// One picture: a button with a canvas, that knows the point it shows.
import { fromNumbers, type Point } from '../points'
import { h } from './dom'

export class Tile {
  readonly canvas = h('canvas', { 'aria-hidden': 'true' })
  readonly element: HTMLButtonElement
  point: Point = fromNumbers(0, 0, 0)
  /** The picture finished, while it is the one that is shown. */
  finished: HTMLCanvasElement | null = null
  private crisp: HTMLImageElement | null = null

  constructor(label: string, size: number, onopen: (tile: Tile) => void) {
    this.canvas.width = this.canvas.height = size
    this.element = h(
      'button',
      { type: 'button', class: 'tile waiting', 'aria-label': label, onclick: () => onopen(this) },
      this.canvas,
    )
  }

  get drawn(): boolean {
    return !this.element.classList.contains('waiting')
  }

  /** Whether it can be seen now, without scrolling. */
  get visible(): boolean {
    const { top, bottom } = this.element.getBoundingClientRect()
    return bottom > 0 && top < innerHeight
  }

  show(pixels: ImageData): void {
    this.crisp?.remove()
    this.finished = null
    this.canvas.getContext('2d')!.putImageData(pixels, 0, 0)
    this.element.classList.remove('waiting', 'still')
  }

  /** The same picture finished, over the small one, which stays what everything else is made of. */
  showLarge(pixels: ImageData): void {
    const canvas = h('canvas', {})
    canvas.width = canvas.height = pixels.width
    canvas.getContext('2d')!.putImageData(pixels, 0, 0)
    this.finished = canvas
    this.crisp?.remove()
    this.crisp = h('img', { class: 'crisp', alt: '', src: canvas.toDataURL() })
    this.element.append(this.crisp)
  }

  /** A picture drawn in advance, from its place on a sheet, until the model has drawn it itself. */
  showStill(sheet: HTMLImageElement, column: number, row: number): void {
    const size = this.canvas.width
    this.canvas.getContext('2d')!.drawImage(sheet, column * size, row * size, size, size, 0, 0, size, size)
    this.element.classList.remove('waiting')
    this.element.classList.add('still')
  }
}

/** A grid of tiles that is one stop for the Tab key; the arrow keys move inside. */
export function tileGrid(tiles: readonly Tile[], columns: number, label: string): HTMLElement {
  const grid = h('div', { class: 'tiles', role: 'group', 'aria-label': label }, ...tiles.map(tile => tile.element))
  grid.style.setProperty('--columns', String(columns))
  tiles.forEach((tile, i) => {
    tile.element.tabIndex = i ? -1 : 0
  })
  grid.addEventListener('keydown', event => {
    const at = tiles.findIndex(tile => tile.element === document.activeElement)
    const step = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
      Home: -at,
      End: tiles.length - 1 - at,
    }[event.key]
    const next = step === undefined ? undefined : tiles[at + step]
    if (at < 0 || !next) return
    event.preventDefault()
    tiles[at].element.tabIndex = -1
    next.element.tabIndex = 0
    next.element.focus()
  })
  return grid
}
