// The page: one state, one model, one view at a time.  The state is kept in the address (./state).  The renderer fetches the model's
// file and draws with it (./runtime/renderer).  A view gets everything it needs in its context (./context).
import type { Context, ViewParts } from './context'
import { drawing } from './drawing'
import { firstLanguage, type Language, speak, t } from './i18n'
import { type ModelEntry, readPage } from './page'
import { RendererError, type Trouble } from './runtime/errors'
import { openRenderer, type Renderer } from './runtime/renderer'
import { suggestion, withoutSuggestions } from './starts'
import { fromHash, modelOf, POINTS, START, type State, toHash } from './state'
import { h } from './ui/dom'
import { pageFooter, pageHeader, tabs } from './ui/frame'
import { cacheForOffline } from './ui/offline'
import { openSheet } from './ui/sheet'
import { stills, troubleNotice } from './ui/trouble'
import { about } from './views/about'
import { corners } from './views/corners'
import { film } from './views/film'
import { finds } from './views/finds'
import { grid } from './views/grid'
import { later } from './views/later'
import { sum } from './views/sum'
import { tune } from './views/tune'
import { walk } from './views/walk'

const hunt = later(() => import('./views/hunt').then(view => view.hunt))
const VIEWS: Record<State['view'], (c: Context) => ViewParts> = {
  grid,
  corners,
  sum,
  walk,
  tune,
  hunt,
  film,
  finds,
  about,
}

const ADDRESS_DELAY = 300 // milliseconds after a change until the address is updated
const SLOW_AFTER = 6000 // milliseconds of loading after which the page says that the network is slow

const page = readPage()
const names = page.models.map(m => m.name)
let state = START
let renderer: Renderer | null = null
let modelName = '' // of the model that the renderer draws with or is loading; '' for none
let notice: 'badLink' | 'goneModel' | null = null // what is wrong with the link that was followed; shown until the visitor moves on
let trouble: Trouble | null = null // why the model cannot draw
let statusTimer = 0 // pending until the status line is cleared; 0 for none
let addressTimer = 0 // pending until the state is written into the address; 0 for none
let view: ViewParts | null = null

const status = h('p', { class: 'status', role: 'status' })
const bar = h('div', { class: 'bar', hidden: true }, h('div', { class: 'bar-fill' }))
const stage = h('main', { id: 'stage', tabindex: '-1' })
/** The page's data on the state's model. */
const entry = (): ModelEntry => page.models.find(m => m.name === state.model) ?? page.models[0]

const context: Context = {
  ...drawing(
    () => renderer,
    () => context.scale,
    error => fail(troubleOf(error)),
  ),
  get state() {
    return state
  },
  get entry() {
    return entry()
  },
  get renderer() {
    return renderer
  },
  get scale() {
    return state.scale ?? entry().truncation
  },
  get address() {
    return new URL(toHash(names.length > 1 ? { ...state, model: entry().name } : state), location.href).href
  },
  set(patch, how = 'stay') {
    if (how === 'go' && addressTimer) writeAddress()
    state = { ...state, ...patch }
    if (how === 'go') {
      notice = null
      history.pushState(null, '', toHash(state))
      render()
      stage.focus({ preventScroll: true })
    } else {
      addressTimer ||= window.setTimeout(writeAddress, ADDRESS_DELAY)
    }
  },
  open(tile) {
    if (tile.drawn) openSheet(context, tile)
  },
  say(text, seconds = 0) {
    clearTimeout(statusTimer)
    status.textContent = text
    if (seconds) statusTimer = window.setTimeout(() => status.replaceChildren(), 1000 * seconds)
  },
}

/** Writes the state into the address.  It is called ADDRESS_DELAY after a change, because browsers refuse it at every step of a drag. */
function writeAddress(): void {
  clearTimeout(addressTimer)
  addressTimer = 0
  history.replaceState(null, '', toHash(state))
}

/** Lays out the whole page for the state. */
function render(): void {
  renderer?.cancel()
  document.title = page.models.length ? `${entry().title} · ${page.title}` : page.title
  document.getElementById('app')!.replaceChildren(
    pageHeader(page, entry(), { pickModel, speak: changeLanguage, skipToView: () => stage.focus() }),
    tabs(
      state,
      page.models.some(m => m.hunt),
      name => context.set({ view: name }, 'go'),
    ),
    stage,
    pageFooter(),
  )
  renderView()
  if (trouble) showTrouble(trouble)
  else context.say(notice ? t(notice) : renderer || !page.models.length ? '' : t('loading'))
}

function pickModel(name: string): void {
  context.set({ ...withoutSuggestions(state), model: name, scale: null }, 'go')
  void load()
}

function changeLanguage(language: Language): void {
  speak(language)
  render()
  document.querySelector<HTMLElement>('.language')?.focus()
}

function renderView(): void {
  view?.stop?.()
  view = page.models.length ? VIEWS[state.view](context) : { element: h('p', {}, t('nothingToShow')), draw() {} }
  stage.className = `view-${state.view}`
  stage.replaceChildren(
    h('div', { class: 'lead' }, h('h2', {}, t(`title_${state.view}`)), h('p', {}, t(`lead_${state.view}`))),
    bar,
    status,
    view.element,
  )
  void drawView()
}

/** Draws the view.  This model may reject the points with which every view starts: until the visitor has chosen others, they are
 *  replaced by suggestions that it accepts. */
async function drawView(): Promise<void> {
  const key = POINTS[state.view]?.key
  const rejects = renderer?.header.rejection !== undefined
  if (!rejects || !key || state[key] !== START[key]) return view?.draw()
  const suggested = await suggestion(state, entry(), context.resample)
  if (!suggested) return
  state = { ...state, ...suggested }
  renderView()
}

/** Loads the state's model, unless it is loaded or being loaded.  The visitor may choose another one meanwhile. */
async function load(): Promise<void> {
  const wanted = entry()
  if (!wanted || modelName === wanted.name) return
  modelName = wanted.name
  renderer?.close()
  renderer = null
  bar.hidden = false
  trouble = null
  const fill = bar.firstElementChild as HTMLElement
  fill.style.width = '4%'
  context.say(t('loading'))
  const slow = setTimeout(() => {
    if (modelName === wanted.name && !renderer) context.say(t('slow'))
  }, SLOW_AFTER)
  try {
    const threads = Math.max(1, Math.min(3, Math.floor((navigator.hardwareConcurrency || 1) / 2)))
    const finisher = wanted.finisher ?? page.finisher ?? null
    const opened = await openRenderer(wanted, finisher, threads, share => {
      fill.style.width = `${4 + 92 * share}%`
    })
    if (modelName !== wanted.name) return opened.close()
    renderer = opened
    context.say(notice ? t(notice) : '')
    void drawView()
    setTimeout(() => {
      void cacheForOffline(page.models, wanted, finisher ? [finisher.file] : [])
    }, 3000) // when the first pictures have been drawn
  } catch (error) {
    if (modelName === wanted.name) fail(troubleOf(error))
  }
  clearTimeout(slow)
  bar.hidden = true
}

const troubleOf = (error: unknown): Trouble => (error instanceof RendererError ? error.trouble : 'nowasm')

/** Says what is wrong, shows the stored pictures, and offers to try again. */
function fail(what: Trouble): void {
  modelName = ''
  renderer?.close()
  renderer = null
  trouble = what
  showTrouble(what)
}

function showTrouble(what: Trouble): void {
  clearTimeout(statusTimer)
  status.replaceChildren(troubleNotice(what, () => void load()))
  if (!stage.querySelector('.tile:not(.waiting)') && !stage.querySelector('.stills'))
    stage.append(stills(entry().stills.source))
}

/** Follows a link.  One that is wrong leads to the start, or to the view that it names. */
function follow(hash: string): void {
  const linked = fromHash(hash, START, names)
  // is it right except for a model that this page no longer has?
  const withoutModel = linked ? null : fromHash(hash, START, [...names, modelOf(hash)])
  state = linked ?? { ...START, view: withoutModel?.view ?? START.view }
  notice = linked ? null : withoutModel ? 'goneModel' : 'badLink'
}

function start(): void {
  speak(firstLanguage())
  follow(location.hash)
  if (page.models.length) void load() // first, so that the file is on its way while the page is laid out
  render()
  addEventListener('pagehide', () => {
    if (addressTimer) writeAddress()
  })
  addEventListener('popstate', () => {
    clearTimeout(addressTimer)
    addressTimer = 0
    follow(location.hash)
    render()
    void load()
  })
}

start()
