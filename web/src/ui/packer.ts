// "Make a sticker pack": the visitor's favourites as one archive for the app of their choice.
import type { Context } from '../context'
import { t } from '../i18n'
import type { Point } from '../points'
import { LARGE } from '../runtime/finish'
import { toHash } from '../state'
import { button } from './controls'
import { h } from './dom'
import { download } from './keep'
import { allLarge } from './large'
import { APPS, fits, pack } from './pack'

const NAMES: Record<string, string> = {
  whatsapp: 'WhatsApp',
  telegram: 'Telegram',
  signal: 'Signal',
  imessage: 'iMessage',
  line: 'LINE',
  discord: 'Discord',
}

export function packer(c: Context, points: readonly Point[]): HTMLElement {
  const app = h(
    'select',
    { 'aria-label': t('packFor') },
    ...Object.keys(APPS).map(name => h('option', { value: name }, NAMES[name] ?? name)),
  )
  const make = button(
    'pack',
    t('makePack'),
    () => {
      make.disabled = true
      void save().finally(() => {
        make.disabled = false
      })
    },
    'primary',
  )
  async function save(): Promise<void> {
    const name = app.value
    const label = NAMES[name] ?? name
    const next = `packNext_${name}` as Parameters<typeof t>[0]
    const taken = points.slice(0, fits(APPS[name], points.length))
    if (!taken.length) return c.say(t('packTooFew', { app: label, least: APPS[name].counts[0] }))
    const link = (subject: Point): string =>
      new URL(toHash({ ...c.state, view: 'tune', subject, model: c.entry.name, scale: c.scale }), location.href).href
    const pictures = await allLarge(c, taken, LARGE)
    const header = c.renderer?.header
    const archive = header && pictures && (await pack(name, c.entry.title, taken.map(link), pictures, header))
    if (!archive) return c.say(t('packFailed', { app: label }))
    download(archive, `${c.entry.name}-${name}${APPS[name].archive ?? '.zip'}`)
    c.say(`${t('packMade', { app: label, count: taken.length })} ${t(next)}`)
  }
  return h('div', { class: 'row packer' }, app, make)
}
