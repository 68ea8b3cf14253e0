// All stickers of a hunt, to be shown on another screen or printed; they are fetched when they are asked for.
import { t } from '../i18n'
import { LARGE } from '../runtime/finish'
import { button } from '../ui/controls'
import { h } from '../ui/dom'
import { download, toBlob } from '../ui/keep'
import type { Stickers } from './stickers'
import { w } from './words'

/** A sticker at another size, with crisp edges where that can be. */
type Enlarged = (sticker: HTMLCanvasElement, side: number) => Promise<HTMLCanvasElement>

/** A fold with a tile for each of `count` stickers; `load` is called when it is opened, `name` is the model's. */
export function shelf(
  count: number,
  name: string,
  load: () => Promise<Stickers>,
  enlarged: Enlarged,
  say: (text: string) => void,
): HTMLElement {
  const tiles = h('div', { class: 'shelf-grid' })
  const details = h('details', {}, h('summary', {}, w('hidden', { count })), tiles)
  details.addEventListener('toggle', () => {
    if (!details.open || tiles.childElementCount) return
    void load().then(
      stickers => {
        tiles.append(...Array.from({ length: stickers.count }, (_, i) => tile(stickers, i, enlarged)))
        const save = (): void =>
          void contactSheet(stickers, enlarged)
            .then(sheet => toBlob(sheet))
            .then(b => download(b, `${name}-stickers.png`))
        details.append(h('p', { class: 'hint' }, w('hiddenHint')), button('save', w('saveStickers'), save))
      },
      () => say(t('trouble_network')),
    )
  })
  return details
}

function tile(stickers: Stickers, number: number, enlarged: Enlarged): HTMLElement {
  return h(
    'button',
    {
      type: 'button',
      class: 'tile',
      'aria-label': w('sticker', { n: number + 1 }),
      onclick: () => enlarge(stickers, number, enlarged),
    },
    stickers.canvas(number),
  )
}

/** One sticker over the whole screen, on white, as another device's camera likes it. */
function enlarge(stickers: Stickers, number: number, enlarged: Enlarged): void {
  const soft = stickers.canvas(number, LARGE)
  void enlarged(stickers.canvas(number), LARGE).then(crisp => soft.replaceWith(crisp))
  const dialog = h(
    'dialog',
    { class: 'large-sticker', 'aria-label': w('sticker', { n: number + 1 }) },
    soft,
    button('close', w('closeSticker'), () => dialog.close(), 'quiet'),
  )
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}

async function contactSheet(stickers: Stickers, enlarged: Enlarged): Promise<HTMLCanvasElement> {
  const [columns, cell, margin] = [5, 296, 20]
  const canvas = h('canvas', { width: columns * cell, height: Math.ceil(stickers.count / columns) * cell })
  const pen = canvas.getContext('2d')!
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  for (let i = 0; i < stickers.count; i++) {
    const picture = await enlarged(stickers.canvas(i), cell - 2 * margin)
    pen.drawImage(picture, (i % columns) * cell + margin, Math.floor(i / columns) * cell + margin)
  }
  return canvas
}
