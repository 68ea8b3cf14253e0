// The sheet of one picture: large, and everything that can be done with it.
import type { Context } from '../context'
import { t } from '../i18n'
import { combine, withNumbersAdded, write } from '../points'
import { toHash } from '../state'
import { button } from './controls'
import { h } from './dom'
import { isFavourite, toggleFavourite } from './favourites'
import { download, waysHome } from './keep'
import { large, nameOf, preview } from './large'
import { novelty } from './novelty'
import type { Tile } from './tile'
import { trace } from './trace'

const svgOf = (canvas: HTMLCanvasElement): Blob =>
  new Blob([trace(canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height))], { type: 'image/svg+xml' })

export function openSheet(c: Context, tile: Tile): void {
  const shown = combine([[1, tile.point]])
  const point = c.renderer?.header.blends ? shown : withNumbersAdded(shown)
  const canvas = h('canvas', { role: 'img', 'aria-label': t('subject') })
  canvas.width = canvas.height = tile.canvas.width
  canvas.getContext('2d')!.drawImage(tile.canvas, 0, 0)
  const file = nameOf(c, write(point))
  const put = (found: HTMLCanvasElement): HTMLCanvasElement => {
    canvas.width = canvas.height = found.width
    canvas.getContext('2d')!.drawImage(found, 0, 0)
    canvas.classList.add('crisp')
    return found
  }
  /** Crisp at once, or soon, at 256 pixels; then at the size at which it leaves. */
  const crisp = (tile.finished ? Promise.resolve(tile.finished) : preview(c, point))
    .then(found => found && put(found))
    .then(() => large(c, point, tile.canvas))
    .then(put)
  const link = (): string =>
    new URL(toHash({ ...c.state, view: 'tune', subject: point, model: c.entry.name, scale: c.scale }), location.href)
      .href
  const find = { model: c.entry.name, scale: Math.round(c.scale * 100) / 100, point: write(point) }
  const say = (text: string, seconds?: number): void => {
    title.textContent = text
    if (seconds) setTimeout(() => title.replaceChildren(t('subject')), 1000 * seconds)
  }
  const close = (): void => dialog.close()
  const go = (patch: Parameters<Context['set']>[0]): void => {
    close()
    c.set(patch, 'go')
  }
  const replaced = <T>(list: readonly T[], at: number, value: T): T[] => list.map((old, i) => (i === at ? value : old))

  const keep = button(
    'finds',
    t(isFavourite(find) ? 'favourited' : 'favourite'),
    () => {
      const kept = toggleFavourite(find)
      keep.querySelector('span')!.textContent = t(kept ? 'favourited' : 'favourite')
      keep.setAttribute('aria-pressed', String(kept))
    },
    'primary',
  )
  keep.setAttribute('aria-pressed', String(isFavourite(find)))
  const small = (text: string, act: () => void): HTMLElement =>
    h('button', { type: 'button', class: 'chip', onclick: act }, text)
  const title = h('h2', { id: 'sheet-title' }, t('subject'))
  const dialog = h(
    'dialog',
    {
      class: 'sheet',
      'aria-labelledby': 'sheet-title',
      onclose: () => {
        dialog.remove()
        tile.element.focus()
      },
    },
    h(
      'div',
      { class: 'sheet-head' },
      title,
      h('button', { type: 'button', class: 'button quiet', 'aria-label': t('close'), onclick: close }, '✕'),
    ),
    h(
      'div',
      { class: 'sheet-body' },
      h('div', { class: 'sheet-picture' }, canvas, novelty(c, tile.canvas)),
      h(
        'div',
        { class: 'sheet-actions' },
        h(
          'div',
          { class: 'row' },
          keep,
          ...waysHome(t('savePicture'), { picture: () => crisp, name: () => file, link, say }),
          button('save', t('saveSvg'), () => {
            void crisp.then(found => download(svgOf(found), `${file}.svg`))
          }),
        ),
        h('h3', {}, t('view_tune')),
        h(
          'div',
          { class: 'row' },
          small(t('tuneIt'), () => go({ view: 'tune', subject: point })),
        ),
        h('h3', {}, t('toCorner')),
        h(
          'div',
          { class: 'row' },
          ...([0, 1, 2, 3] as const).map(i =>
            small(t(`corner_${i}`), () => go({ view: 'corners', corners: replaced(c.state.corners, i, point) })),
          ),
        ),
        h('h3', {}, t('toSum')),
        h(
          'div',
          { class: 'row' },
          ...(['base', 'minus', 'plus'] as const).map((name, i) =>
            small(t(name), () => go({ view: 'sum', terms: replaced(c.state.terms, i, point) })),
          ),
        ),
        h('h3', {}, t('view_walk')),
        h(
          'div',
          { class: 'row' },
          small(t('toWalk'), () => go({ view: 'walk', stops: replaced(c.state.stops, 0, point) })),
        ),
      ),
    ),
  )
  dialog.addEventListener('click', event => {
    if (event.target === dialog) close()
  })
  document.body.append(dialog)
  dialog.showModal()
}
