// What stands around every view: the header with its choices, the tabs and the footer.
import { currentLanguage, LANGUAGES, type Language, t } from '../i18n'
import type { ModelEntry, PageData } from '../page'
import { type State, toHash, VIEWS } from '../state'
import { h, icon, logo } from './dom'

export interface HeaderActions {
  pickModel(name: string): void
  speak(language: Language): void
  skipToView(): void
}

export const pageHeader = (page: PageData, chosen: ModelEntry | undefined, actions: HeaderActions): HTMLElement =>
  h(
    'header',
    {},
    h(
      'a',
      {
        class: 'skip',
        href: '#stage',
        onclick: (event: Event) => {
          event.preventDefault()
          actions.skipToView()
        },
      },
      t('skip'),
    ),
    h('div', { class: 'brand' }, logo(), h('div', {}, h('h1', {}, page.title), h('p', {}, t('tagline')))),
    h(
      'div',
      { class: 'choices' },
      page.models.length > 1 && modelChoice(page, chosen, actions),
      languageButton(actions),
    ),
  )

const modelChoice = (page: PageData, chosen: ModelEntry | undefined, actions: HeaderActions): HTMLElement =>
  h(
    'label',
    { class: 'select' },
    h('span', { class: 'hidden' }, t('model')),
    h(
      'select',
      { onchange: (event: Event) => actions.pickModel((event.target as HTMLSelectElement).value) },
      ...page.models.map(m => h('option', { value: m.name, selected: m.name === chosen?.name }, m.title)),
    ),
  )

function languageButton(actions: HeaderActions): HTMLElement {
  const other: Language = currentLanguage() === 'en' ? 'zh' : 'en'
  return h(
    'button',
    {
      type: 'button',
      class: 'button quiet language',
      lang: other === 'en' ? 'en' : 'zh-Hans',
      onclick: () => actions.speak(other),
    },
    LANGUAGES[other].lang,
  )
}

export const tabs = (state: State, withHunt: boolean, go: (view: State['view']) => void): HTMLElement =>
  h(
    'nav',
    { 'aria-label': t('views') },
    ...VIEWS.filter(view => view !== 'hunt' || withHunt).map(view => tab(state, view, go)),
  )

const tab = (state: State, view: State['view'], go: (view: State['view']) => void): HTMLElement =>
  h(
    'a',
    {
      href: toHash({ ...state, view }),
      class: 'tab',
      'aria-current': view === state.view ? 'page' : null,
      onclick: (event: MouseEvent) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return // a tab or a window of the browser
        event.preventDefault()
        go(view)
      },
    },
    icon(view),
    h('span', {}, t(`view_${view}`)),
  )

export const pageFooter = (): HTMLElement => h('footer', {}, h('p', {}, t('foot')))
