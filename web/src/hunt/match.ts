// One game on the page: what is asked, the clock, the finds, and the ground on which it is played.
import type { Context } from '../context'
import { button } from '../ui/controls'
import { h, icon } from '../ui/dom'
import { crisp } from '../ui/large'
import type { Photo } from './album'
import type { CameraTrouble } from './camera'
import { FINDS, type Game } from './game'
import type { Ground, Listener } from './ground'
import { hush, play, speakUp } from './sound'
import type { Stickers } from './stickers'
import { time, w } from './words'

const TICK = 100 // milliseconds
const CHEER_TIME = 1100 // milliseconds; the clock stands still meanwhile
const PENALTY = 3 // seconds for a wrong pick
const ANNOUNCED = [5, 10] // seconds left at which a screen reader hears the time
const QUESTION = 200 // pixels

export interface Match {
  element: HTMLElement
  /** What the ground it is played on has to tell. */
  listener: Listener
  begin(ground: Ground): void
  close(): void
}

export function match(
  c: Context,
  game: Game,
  stickers: Stickers,
  onend: (photos: Photo[]) => void,
  ontrouble: (trouble: CameraTrouble) => HTMLElement[],
): Match {
  const photos: Photo[] = []
  const question = h('canvas', { width: QUESTION, height: QUESTION, role: 'img' })
  const clock = h('p', { class: 'clock', role: 'timer', 'aria-label': w('left') })
  // Apart from the page's line, where it would stand while the clock goes on.
  const heard = h('p', { class: 'hidden', role: 'status' })
  const dots = h('div', { class: 'dots', role: 'img' }, ...Array.from({ length: FINDS }, () => h('span')))
  const cheer = h('p', { class: 'cheer', 'aria-hidden': 'true' })
  const place = h('div', { class: 'place' })
  const notice = h('div', { class: 'trouble', role: 'alert', hidden: true })
  const toggle = h('button', {
    type: 'button',
    class: 'button',
    onclick: () => (game.status === 'paused' ? resume() : pause()),
  })
  const element = h(
    'div',
    { class: 'match' },
    h(
      'div',
      { class: 'hud' },
      h('figure', { class: 'asked' }, question, h('figcaption', {}, w('find'))),
      h('div', { class: 'state' }, clock, dots, cheer),
      h(
        'div',
        { class: 'row' },
        toggle,
        button('close', w('stop'), () => end()),
      ),
    ),
    heard,
    notice,
    place,
  )
  let ground: Ground | null = null
  let asked = ''
  let joy = 0
  let last = performance.now()
  let said = Number.POSITIVE_INFINITY
  let wrong: CameraTrouble | null = null

  const ticking = setInterval(() => {
    const now = performance.now()
    const seconds = Math.min(1, (now - last) / 1000)
    last = now
    if (joy || game.status !== 'playing') return
    const over = game.tick(seconds)
    show()
    if (over) {
      end()
      return
    }
    const due = ANNOUNCED.find(s => game.left <= s && said > s)
    if (game.clock && due) {
      said = due
      tellTime()
      play('hurry')
    }
  }, TICK)

  function show(): void {
    clock.textContent = game.clock ? time(Math.ceil(game.left)) : time(game.spent)
    clock.classList.toggle('hurry', game.clock && game.left <= 5)
    dots.setAttribute('aria-label', w('foundOf', { n: game.found, count: FINDS }))
    ;[...dots.children].forEach((dot, i) => dot.classList.toggle('on', i < game.found))
    const paused = game.status === 'paused'
    toggle.replaceChildren(icon(paused ? 'play' : 'pause'), h('span', {}, w(paused ? 'resume' : 'pause')))
    element.classList.toggle('paused', paused)
  }

  function tellTime(): void {
    heard.textContent = game.clock ? w('secondsLeft', { n: Math.ceil(game.left) }) : ''
  }

  function ask(): void {
    const { round } = game
    said = Number.POSITIVE_INFINITY
    stickers.question(question, round)
    void crisp(c, stickers.canvas(round.sticker)).then(picture => {
      if (game.round === round) stickers.question(question, round, picture)
    })
    const words = w('findNumber', { n: game.found + 1, count: FINDS, level: round.level, sticker: round.sticker + 1 })
    const how = [round.turn && w('turned'), round.cover && w('covered')]
    asked = [words, ...how.filter(Boolean)].join(' ')
    question.setAttribute('aria-label', asked)
    c.say(asked)
    tellTime()
    speakUp(w('find'))
    ground?.ask(round)
    show()
  }

  function pause(): void {
    game.pause()
    ground?.rest(true)
    hush()
    show()
    c.say(w('paused'))
  }

  function resume(): void {
    notice.hidden = true
    wrong = null
    game.start()
    ground?.ask(game.round)
    show()
    c.say(asked)
    tellTime()
  }

  function end(): void {
    clearInterval(ticking)
    clearTimeout(joy)
    play(game.status === 'won' ? 'won' : 'lost')
    onend(photos)
  }

  const hidden = (): void => {
    if (document.hidden && game.status === 'playing') pause()
  }
  document.addEventListener('visibilitychange', hidden)

  const listener: Listener = {
    found(photo) {
      if (game.status !== 'playing' || joy) return
      photos.push({ canvas: photo, sticker: game.round.sticker })
      game.find()
      const cheers = w('cheers').split('|')
      const words = cheers[game.found % cheers.length]
      cheer.textContent = words
      c.say(words)
      play('found')
      speakUp(words)
      show()
      joy = window.setTimeout(() => {
        joy = 0
        last = performance.now()
        cheer.textContent = ''
        if (game.status === 'won') end()
        else ask()
      }, CHEER_TIME)
    },
    warm() {
      if (game.status !== 'playing' || joy) return
      play('warm')
      cheer.textContent = w('warmer')
      setTimeout(() => {
        if (!joy) cheer.textContent = ''
      }, 1500)
    },
    missed() {
      const over = game.clock && game.tick(PENALTY)
      play('miss')
      c.say(game.clock ? `${w('miss')} ${w('fine', { n: PENALTY })}` : w('miss'))
      show()
      if (over) end()
    },
    trouble(trouble) {
      if (trouble === wrong || (trouble === null && wrong !== 'black')) return
      if (trouble === null) return resume()
      wrong = trouble
      if (game.status === 'playing') pause()
      c.say('')
      notice.replaceChildren(h('span', {}, w(`trouble_${trouble}`)), ...ontrouble(trouble))
      notice.hidden = false
    },
  }

  show()
  return {
    element,
    listener,
    begin(on) {
      ground?.close()
      ground = on
      place.replaceChildren(on.element)
      notice.hidden = true
      wrong = null
      last = performance.now()
      const fresh = game.status === 'ready'
      game.start()
      if (fresh) play('start')
      ask()
      // The button that led here is gone: the keyboard goes on at what there is to pick, or to stop.
      const next = on.element.querySelector<HTMLElement>('[tabindex="0"]') ?? toggle
      next.focus({ preventScroll: true })
    },
    close() {
      clearInterval(ticking)
      clearTimeout(joy)
      document.removeEventListener('visibilitychange', hidden)
      hush()
      ground?.close()
    },
  }
}
