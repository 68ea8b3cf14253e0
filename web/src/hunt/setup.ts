// The way into the game: how it goes, two ways to play, the switches, and all stickers to look at and to print.
import type { Context } from '../context'
import { button, randomSeed } from '../ui/controls'
import { h } from '../ui/dom'
import { copyLink } from '../ui/keep'
import { enlarged } from '../ui/large'
import { readStored, store } from '../ui/storage'
import { bestTime, type Way } from './best'
import { BONUS } from './game'
import { shelf } from './shelf'
import { allow, hears } from './sound'
import type { Stickers } from './stickers'
import { time, w } from './words'

/** Whether the player wants a clock. */
export const wantsClock = (): boolean => readStored('hunt.clock') !== 'off'

export function setupScreen(
  c: Context,
  count: number,
  stickers: () => Promise<Stickers>,
  start: (way: Way) => void,
): HTMLElement {
  const best = (['camera', 'crowd'] as const).map(way => bestTime(c.entry.name, way)).filter(b => b !== null)
  return h(
    'div',
    { class: 'hunt-setup' },
    h('p', {}, w('how', { bonus: BONUS })),
    h('p', { class: 'hint' }, w('private')),
    h(
      'div',
      { class: 'row' },
      button('camera', w('withCamera'), () => start('camera'), 'primary big'),
      button('grid', w('withoutCamera'), () => start('crowd'), 'big'),
    ),
    h(
      'div',
      { class: 'row' },
      toggle(w('sound'), hears('sound'), on => allow('sound', on)),
      toggle(w('voice'), hears('voice'), on => allow('voice', on)),
      toggle(w('clock'), wantsClock(), on => store('hunt.clock', on ? 'on' : 'off')),
    ),
    best.length > 0 && h('p', {}, w('bestTime', { time: time(Math.min(...best)) })),
    h(
      'div',
      { class: 'minor' },
      button('dice', w('newHunt'), () => c.set({ seed: randomSeed() })),
      button('link', w('shareHunt'), () => void copyLink(c.address, c.say)),
    ),
    shelf(count, c.entry.name, stickers, (sticker, side) => enlarged(c, sticker, side), c.say),
  )
}

function toggle(text: string, on: boolean, change: (on: boolean) => void): HTMLElement {
  const chip = h('button', { type: 'button', class: 'chip switch', 'aria-pressed': String(on) }, text)
  chip.addEventListener('click', () => {
    const now = chip.getAttribute('aria-pressed') !== 'true'
    chip.setAttribute('aria-pressed', String(now))
    change(now)
  })
  return chip
}
