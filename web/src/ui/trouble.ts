// What is said and shown where a model cannot draw.
import { t } from '../i18n'
import type { Trouble } from '../runtime/errors'
import { button } from './controls'
import { h } from './dom'

/** What is wrong, and a button to try again. */
export function troubleNotice(trouble: Trouble, retry: () => void): HTMLElement {
  return h(
    'span',
    { class: 'trouble', role: 'alert' },
    t(`trouble_${trouble}`),
    ' ',
    button('dice', t('retry'), retry, 'small'),
  )
}

/** Pictures that were drawn in advance. */
export function stills(source: string): HTMLElement {
  return h('figure', {}, h('img', { src: source, alt: t('stills'), class: 'stills' }), h('figcaption', {}, t('stills')))
}
