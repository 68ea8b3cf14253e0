// The hidden stickers' pictures: one sheet, from which single ones are drawn.
import type { HuntEntry } from '../page'
import { h } from '../ui/dom'
import type { Round } from './game'

export class Stickers {
  private constructor(
    private readonly sheet: HTMLImageElement,
    private readonly entry: HuntEntry,
  ) {}

  /** Raises an Error where the sheet cannot be had. */
  static async open(entry: HuntEntry): Promise<Stickers> {
    const sheet = new Image()
    sheet.src = entry.sheet
    await sheet.decode()
    return new Stickers(sheet, entry)
  }

  get count(): number {
    return this.entry.stickers
  }

  get side(): number {
    return this.entry.side
  }

  /** Draws a sticker into a square. */
  draw(pen: CanvasRenderingContext2D, number: number, x: number, y: number, size: number): void {
    const { side, columns } = this.entry
    pen.imageSmoothingQuality = 'high'
    pen.drawImage(
      this.sheet,
      (number % columns) * side,
      Math.floor(number / columns) * side,
      side,
      side,
      x,
      y,
      size,
      size,
    )
  }

  /** A canvas with one sticker on it. */
  canvas(number: number, size = this.side): HTMLCanvasElement {
    const canvas = h('canvas', { width: size, height: size, 'aria-hidden': 'true' })
    this.draw(canvas.getContext('2d', { willReadFrequently: true })!, number, 0, 0, size)
    return canvas
  }

  /** The picture that asks in a round: turned, small or partly covered, as hard as the round is; drawn from `crisp`, the sticker with
   *  crisp edges, where it is there. */
  question(canvas: HTMLCanvasElement, round: Round, crisp: HTMLCanvasElement | null = null): void {
    const pen = canvas.getContext('2d')!
    const size = canvas.width
    pen.clearRect(0, 0, size, size)
    pen.imageSmoothingQuality = 'high'
    pen.save()
    pen.translate(size / 2, size / 2)
    pen.rotate((round.turn * Math.PI) / 180)
    const side = round.size * size * (round.turn ? 0.8 : 1)
    if (crisp) pen.drawImage(crisp, -side / 2, -side / 2, side, side)
    else this.draw(pen, round.sticker, -side / 2, -side / 2, side)
    if (round.cover) {
      pen.rotate((round.side * Math.PI) / 2)
      pen.fillStyle = getComputedStyle(canvas).getPropertyValue('--line') || '#888'
      pen.fillRect(side / 2 - round.cover * side, -side / 2, round.cover * side, side)
    }
    pen.restore()
  }
}
