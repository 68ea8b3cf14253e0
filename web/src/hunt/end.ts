// The end of a game: how it went, and the photos of what was found.
import type { Context } from '../context'
import { button, randomSeed } from '../ui/controls'
import { h } from '../ui/dom'
import { canShare, copyLink, download, share, toBlob } from '../ui/keep'
import { album, type Photo } from './album'
import { beatsBest, type Way } from './best'
import { FINDS, type Game } from './game'
import type { Stickers } from './stickers'
import { time, w } from './words'

/** The screen, and the button that gets the focus. */
export function endScreen(
  c: Context,
  way: Way,
  game: Game,
  photos: Photo[],
  stickers: Stickers,
  start: (way: Way) => void,
  back: () => void,
): { element: HTMLElement; again: HTMLElement } {
  const won = game.status === 'won'
  const record = won && game.clock && beatsBest(c.entry.name, way, game.spent)
  const result = won
    ? w('wonIn', { time: time(game.spent) })
    : w(game.left > 0 ? 'overWith' : 'lostWith', { n: game.found, count: FINDS })
  const message = record ? `${result} ${w('newBest')}` : result
  const sheet = album(photos, stickers, c.entry.title, w('foundOf', { n: game.found, count: FINDS }))
  sheet.setAttribute('role', 'img')
  sheet.setAttribute('aria-label', w('album'))
  const again = button('play', w('again'), () => start(way), 'primary big')
  again.setAttribute('aria-describedby', 'hunt-result') // it gets the focus, so that a screen reader says both
  const element = h(
    'div',
    { class: 'hunt-end' },
    h('h3', { id: 'hunt-result' }, message),
    photos.length > 0 && sheet,
    h('div', { class: 'row' }, again),
    h(
      'div',
      { class: 'minor' },
      photos.length > 0 &&
        button('save', w('savePhotos'), () => void toBlob(sheet).then(b => download(b, 'sticker-hunt.png'))),
      photos.length > 0 &&
        canShare() &&
        button('share', w('sharePhotos'), () => void share(result, c.address, sheet, 'sticker-hunt.png')),
      button('link', w('shareHunt'), () => void copyLink(c.address, c.say)),
      button('dice', w('otherHunt'), () => {
        c.set({ seed: randomSeed() })
        start(way)
      }),
      button('close', w('back'), back),
    ),
  )
  return { element, again }
}
