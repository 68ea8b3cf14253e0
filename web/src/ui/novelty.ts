// "Is it new?": how near a picture is to the nearest training picture.
import type { Context } from '../context'
import { h } from './dom'
import type { Tile } from './tile'

export function novelty(_c: Context, _tile: Tile): HTMLElement | null {
  return h('div', { class: 'novelty' })
}
