// The few controls that all views share.
import { t } from '../i18n'
import { h, type IconName, icon } from './dom'

export const button = (name: IconName, text: string, onclick: () => void, kind = ''): HTMLButtonElement =>
  h('button', { type: 'button', class: `button ${kind}`, onclick }, icon(name), h('span', {}, text))

/** Plays and pauses; `label` says anew which of the two it does, after every change. */
export function playToggle(
  isPlaying: () => boolean,
  play: () => void,
  pause: () => void,
): { element: HTMLButtonElement; label: () => void } {
  const element = h('button', {
    type: 'button',
    class: 'button primary',
    onclick: () => (isPlaying() ? pause() : play()),
  })
  const label = (): void => {
    const name = isPlaying() ? 'pause' : 'play'
    element.replaceChildren(icon(name), h('span', {}, t(name)))
  }
  label()
  return { element, label }
}

export interface Slider {
  element: HTMLElement
  input: HTMLInputElement
  set(value: number): void
}

/** Filled from 0, wherever that is, to its value.  `ends` names both of them, in place of the value. */
export function slider(
  label: string,
  minimum: number,
  maximum: number,
  step: number,
  value: number,
  oninput: (value: number) => void,
  format: (value: number) => string = v => v.toFixed(2),
  ends: readonly [string, string] | null = null,
): Slider {
  const output = h('output', { class: ends ? 'hidden' : 'value' }, format(value))
  const input = h('input', {
    type: 'range',
    min: minimum,
    max: maximum,
    step,
    value,
    'aria-label': ends ? `${label}: ${ends.join(' – ')}` : label,
  })
  const share = (at: number): string => `${((at - minimum) / (maximum - minimum || 1)) * 100}%`
  const paint = (): void => {
    const now = input.valueAsNumber
    const zero = Math.max(minimum, Math.min(0, maximum))
    output.textContent = format(now)
    input.setAttribute('aria-valuetext', output.textContent)
    input.style.setProperty('--from', share(Math.min(zero, now)))
    input.style.setProperty('--to', share(Math.max(zero, now)))
  }
  input.addEventListener('input', () => {
    paint()
    oninput(input.valueAsNumber)
  })
  paint()
  return {
    element: h(
      'label',
      { class: 'slider' },
      h('span', { class: 'slider-name' }, label),
      input,
      output,
      ends && h('span', { class: 'ends', 'aria-hidden': 'true' }, ...ends.map(end => h('span', {}, end))),
    ),
    input,
    set(next) {
      input.valueAsNumber = next
      paint()
    },
  }
}

/** Three numbers with steps up and down. */
export function numbers(
  name: string,
  values: readonly number[],
  onchange: (values: [number, number, number]) => void,
): { element: HTMLElement; set(v: readonly number[]): void } {
  const inputs = values.map((value, i) =>
    h('input', {
      type: 'number',
      step: 0.05,
      min: -9,
      max: 9,
      value,
      inputmode: 'decimal',
      'aria-label': t('number', { name, n: i + 1 }),
      oninput: () => send(),
    }),
  )
  const read = (input: HTMLInputElement): number =>
    Math.max(-9, Math.min(9, Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : 0))
  const send = (): void => onchange(inputs.map(read) as [number, number, number])
  const step = (i: number, by: number): void => {
    inputs[i].value = String(Math.round((read(inputs[i]) + by) * 100) / 100)
    send()
  }
  const arrow = (i: number, by: number): HTMLElement =>
    h(
      'button',
      {
        type: 'button',
        class: 'step',
        onclick: () => step(i, by),
        'aria-label': `${t('number', { name, n: i + 1 })}: ${t(by > 0 ? 'more' : 'less')}`,
      },
      by > 0 ? '+' : '−',
    )
  return {
    element: h(
      'div',
      { class: 'numbers' },
      ...inputs.map((input, i) => h('div', { class: 'number' }, arrow(i, -0.25), input, arrow(i, 0.25))),
    ),
    set(next) {
      next.forEach((value, i) => {
        inputs[i].value = String(Math.round(value * 100) / 100)
      })
    },
  }
}

export const randomSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000
