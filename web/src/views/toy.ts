// A real BEGAN, on dots: what gamma does, and what collapse is, to be watched and played with.
import { t } from '../i18n'
import { HEAPS, Toy } from '../toy/began'
import { button, playToggle, randomSeed, slider } from '../ui/controls'
import { h } from '../ui/dom'
import { playWhenSeen } from '../ui/motion'

const SIDE = 300
const DOTS = 240
const WORK = 7 // milliseconds of every frame: the page stays smooth
const REACH = 1.6

export function toy(): { element: HTMLElement; stop(): void; show(): void } {
  let game = new Toy(1)
  let steps = 0
  let gamma = 0.5
  let running = 0
  const canvas = h('canvas', { role: 'img', 'aria-label': t('toyPicture'), width: SIDE, height: SIDE })
  const reading = h('p', { class: 'hint reading' })

  function show(): void {
    const style = getComputedStyle(canvas)
    const pen = canvas.getContext('2d')!
    const place = (v: number): number => ((v / REACH + 1) / 2) * SIDE
    pen.clearRect(0, 0, SIDE, SIDE)
    pen.fillStyle = style.getPropertyValue('--line')
    for (const [x, y] of HEAPS) disc(pen, place(x), place(y), 22)
    pen.fillStyle = style.getPropertyValue('--accent')
    const dots = game.dots(DOTS)
    for (let i = 0; i < DOTS; i++) disc(pen, place(dots[2 * i]), place(dots[2 * i + 1]), 2.6)
    const heaps = game.heaps(dots)
    reading.textContent = t('toyReading', {
      steps: steps.toLocaleString(),
      k: game.k.toFixed(2),
      M: game.M.toFixed(3),
      heaps,
      all: HEAPS.length,
    })
  }
  function frame(): void {
    for (const end = performance.now() + WORK; performance.now() < end; steps++) game.step(gamma)
    show()
    running = requestAnimationFrame(frame)
  }
  const { element: toggle, label } = playToggle(() => running !== 0, play, pause)
  function play(): void {
    running = requestAnimationFrame(frame)
    label()
  }
  function pause(): void {
    cancelAnimationFrame(running)
    running = 0
    label()
  }
  const anew = (): void => {
    game = new Toy(randomSeed())
    steps = 0
    show()
  }
  const giveUp = playWhenSeen(canvas, () => running || play())
  return {
    element: h(
      'section',
      { class: 'demo toy', 'aria-label': t('toyTitle') },
      h('h3', {}, t('toyTitle')),
      h('p', {}, t('toyWhat')),
      h(
        'div',
        { class: 'toy-board' },
        canvas,
        h(
          'div',
          { class: 'toy-side' },
          slider(t('toyGamma'), 0.1, 1, 0.05, gamma, value => {
            gamma = value
          }).element,
          h('div', { class: 'row' }, toggle, button('dice', t('toyRestart'), anew)),
          reading,
        ),
      ),
      h('p', { class: 'hint' }, t('toyHonest')),
    ),
    stop() {
      giveUp()
      pause()
    },
    show,
  }
}

function disc(pen: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  pen.beginPath()
  pen.arc(x, y, radius, 0, 2 * Math.PI)
  pen.fill()
}
