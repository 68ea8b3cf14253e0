// The film of training with its curves, from its beginning: one slider moves through both.
import type { Context, ViewParts } from '../context'
import { t } from '../i18n'
import { type Curves, chart } from '../ui/chart'
import { playToggle, slider } from '../ui/controls'
import { h } from '../ui/dom'

export function film(c: Context): ViewParts {
  const about = c.entry.film
  if (!about) return { element: h('div', { class: 'stage' }, h('p', {}, t('noFilm'))), draw() {} }
  const side = about.size * about.columns
  const canvas = h('canvas', { class: 'film', role: 'img', 'aria-label': t('lead_film') })
  canvas.width = canvas.height = side
  const reel = new Image()
  const last = about.kimg.length - 1
  let at = 0
  let timer: ReturnType<typeof setInterval> | undefined
  let cursor: (kimg: number) => void = () => {}

  function show(frame: number): void {
    at = frame
    cursor(about!.kimg[frame])
    if (!reel.complete || !reel.naturalWidth) return
    const pen = canvas.getContext('2d')!
    pen.clearRect(0, 0, side, side)
    pen.drawImage(
      reel,
      (frame % about!.across) * side,
      Math.floor(frame / about!.across) * side,
      side,
      side,
      0,
      0,
      side,
      side,
    )
  }
  const scrub = slider(
    t('frame'),
    0,
    last,
    1,
    at,
    value => {
      pause()
      show(value)
    },
    v => t('kimg', { n: about.kimg[v].toFixed(1) }),
  )
  const { element: toggle, label } = playToggle(() => timer !== undefined, play, pause)
  function play(): void {
    let frame = at === last ? -1 : at
    timer = setInterval(() => {
      show(++frame)
      scrub.set(frame)
      if (frame === last) pause()
    }, 160)
    label()
  }
  function pause(): void {
    clearInterval(timer)
    timer = undefined
    label()
  }

  reel.onload = () => {
    canvas.classList.add('there')
    show(at)
    // Who wants less motion starts it by hand; who moved the slider meanwhile is watching something already.
    if (at === 0 && canvas.isConnected && !matchMedia('(prefers-reduced-motion: reduce)').matches) play()
  }
  // In the film's place: the status line belongs to the model, which may be loaded only later.
  reel.onerror = () => canvas.replaceWith(h('p', { class: 'trouble', role: 'alert' }, t('trouble_network')))
  reel.src = about.file
  const curves = h('div', { class: 'curves' })
  if (c.entry.curves) {
    fetch(c.entry.curves)
      .then(r => r.json() as Promise<Curves>)
      .then(values => {
        const drawn = chart(values, {
          loss_real: t('curve_real'),
          loss_fake: t('curve_fake'),
          k: t('curve_k'),
          M: t('curve_M'),
          reconstruction: t('curve_reconstruction'),
          selection_score: t('curve_selection_score'),
        })
        curves.append(drawn.element)
        cursor = drawn.cursor
        cursor(about.kimg[at])
      })
      .catch(() => {}) // a film without its curves is still a film
  }
  return {
    element: h(
      'div',
      { class: 'stage film-stage' },
      h('div', { class: 'reel' }, canvas, h('div', { class: 'transport' }, toggle, scrub.element)),
      curves,
    ),
    draw() {},
    stop: pause,
  }
}
