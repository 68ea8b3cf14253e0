// All stickers of a hunt, to be shown on another screen or printed; they are fetched when they are asked for.
import { t } from '../i18n'
import { button } from '../ui/controls'
import { h } from '../ui/dom'
import { download, toBlob } from '../ui/keep'
import type { Stickers } from './stickers'
import { w } from './words'

/** A fold with a tile for each of `count` stickers; `load` is called when it is opened, `name` is the model's. */
export function shelf(
  count: number,
  name: string,
  load: () => Promise<Stickers>,
  say: (text: string) => void,
): HTMLElement {
  const tiles = h('div', { class: 'shelf-grid' })
  const details = h('details', {}, h('summary', {}, w('hidden', { count })), tiles)
  details.addEventListener('toggle', () => {
    if (!details.open || tiles.childElementCount) return
    void load().then(
      stickers => {
        tiles.append(...Array.from({ length: stickers.count }, (_, i) => tile(stickers, i)))
        const save = (): void => void toBlob(contactSheet(stickers)).then(b => download(b, `${name}-stickers.png`))
        details.append(h('p', { class: 'hint' }, w('hiddenHint')), button('save', w('saveStickers'), save))
      },
      () => say(t('trouble_network')),
    )
  })
  return details
}

function tile(stickers: Stickers, number: number): HTMLElement {
  return h(
    'button',
    {
      type: 'button',
      class: 'tile',
      'aria-label': w('sticker', { n: number + 1 }),
      onclick: () => enlarge(stickers, number),
    },
    stickers.canvas(number),
  )
}

/** One sticker over the whole screen, on white, as another device's camera likes it. */
function enlarge(stickers: Stickers, number: number): void {
  const dialog = h(
    'dialog',
    { class: 'large-sticker', 'aria-label': w('sticker', { n: number + 1 }) },
    stickers.canvas(number, 512),
    button('close', w('closeSticker'), () => dialog.close(), 'quiet'),
  )
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}

function contactSheet(stickers: Stickers): HTMLCanvasElement {
  const [columns, cell] = [5, 256]
  const canvas = h('canvas', { width: columns * cell, height: Math.ceil(stickers.count / columns) * cell })
  const pen = canvas.getContext('2d')!
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  for (let i = 0; i < stickers.count; i++) {
    stickers.draw(pen, i, (i % columns) * cell + 20, Math.floor(i / columns) * cell + 20, cell - 40)
  }
  return canvas
}
