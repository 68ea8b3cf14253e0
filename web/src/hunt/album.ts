// The end: the finds' photos on one picture, made and kept on this device only.
import { FINDS } from './game'
import type { Stickers } from './stickers'
import { w } from './words'

const CELL = 240
const GAP = 16
const COLUMNS = 5
const HEAD = 96

export interface Photo {
  canvas: HTMLCanvasElement
  sticker: number
}

/** A square of this side of what is shown, around a place in it. */
export function snap(
  source: HTMLVideoElement | HTMLCanvasElement,
  { width, height, side, x, y }: { width: number; height: number; side: number; x: number; y: number },
  mirrored = false,
): HTMLCanvasElement {
  const left = Math.max(0, Math.min(width - side, x - side / 2))
  const top = Math.max(0, Math.min(height - side, y - side / 2))
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = CELL
  const pen = canvas.getContext('2d')!
  if (mirrored) pen.setTransform(-1, 0, 0, 1, CELL, 0)
  pen.drawImage(source, left, top, side, side, 0, 0, CELL, CELL)
  return canvas
}

/** All photos, each with the sticker that was asked, and how it went. */
export function album(photos: readonly Photo[], stickers: Stickers, title: string, result: string): HTMLCanvasElement {
  const rows = Math.max(1, Math.ceil(Math.max(photos.length, 1) / COLUMNS))
  const canvas = document.createElement('canvas')
  canvas.width = COLUMNS * (CELL + GAP) + GAP
  canvas.height = HEAD + rows * (CELL + GAP) + GAP
  const pen = canvas.getContext('2d')!
  pen.fillStyle = '#faf5ee'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.fillStyle = '#2b2320'
  pen.textBaseline = 'middle'
  pen.font = '600 40px ui-rounded, system-ui, sans-serif'
  pen.fillText(`${w('albumTitle')} · ${title}`, GAP, HEAD / 2 + 4, canvas.width * 0.62)
  pen.textAlign = 'right'
  pen.font = '30px ui-rounded, system-ui, sans-serif'
  pen.fillText(result, canvas.width - GAP, HEAD / 2 + 4, canvas.width * 0.34)
  for (let i = 0; i < Math.min(FINDS, photos.length); i++) {
    const [x, y] = [GAP + (i % COLUMNS) * (CELL + GAP), HEAD + Math.floor(i / COLUMNS) * (CELL + GAP)]
    pen.save()
    pen.beginPath()
    pen.roundRect(x, y, CELL, CELL, 18)
    pen.clip()
    pen.drawImage(photos[i].canvas, x, y)
    pen.restore()
    pen.fillStyle = '#ffffff'
    pen.beginPath()
    pen.roundRect(x + CELL - 76, y + CELL - 76, 72, 72, 14)
    pen.fill()
    stickers.draw(pen, photos[i].sticker, x + CELL - 72, y + CELL - 72, 64)
  }
  return canvas
}
