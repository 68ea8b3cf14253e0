// A view whose code comes only when it is opened.
import type { Context, ViewParts } from '../context'
import { t } from '../i18n'
import { button } from '../ui/controls'
import { h } from '../ui/dom'

export const later =
  (fetchView: () => Promise<(c: Context) => ViewParts>) =>
  (c: Context): ViewParts => {
    let view: ViewParts | null = null
    let gone = false
    const element = h('div', {}, h('p', { class: 'hint' }, t('loading')))
    const open = (): void => {
      fetchView().then(
        make => {
          if (gone) return
          view = make(c)
          element.replaceChildren(view.element)
          view.draw()
        },
        () =>
          element.replaceChildren(
            h(
              'p',
              { class: 'trouble', role: 'alert' },
              t('trouble_network'),
              button('dice', t('retry'), open, 'small'),
            ),
          ),
      )
    }
    open()
    return {
      element,
      draw: () => view?.draw(),
      stop() {
        gone = true
        view?.stop?.()
      },
    }
  }
