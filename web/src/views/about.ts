// What this is: for everyone and for experts, with small demonstrations.
import type { Context, ViewParts } from '../context'
import { currentLanguage, t } from '../i18n'
import { ABOUT } from '../i18n/about'
import { RECIPE } from '../i18n/recipe'
import { h } from '../ui/dom'
import { collapse } from './demos'
import { toy } from './toy'

/** Which recipe an objective is; release 0.1 called the mosaic chonk. */
function recipeFor(objective: string | undefined): 'mosaic' | 'collage' | undefined {
  if (objective === 'collage') return 'collage'
  return objective === 'mosaic' || objective === 'chonk' ? 'mosaic' : undefined
}

/** The text for a model: the parts on how it learned are those of its objective. */
function textFor(who: 'everyone' | 'experts', objective: string | undefined): string[] {
  const language = currentLanguage()
  const text = ABOUT[language][who]
  const name = recipeFor(objective)
  if (!name) return text
  const recipe = RECIPE[language][name]
  if (who === 'experts') return [...recipe.experts, ...text.slice(1)]
  return [text[0], ...recipe.everyone, ...text.slice(4, 6), recipe.wrong, text[text.length - 1]]
}

export function about(c: Context): ViewParts {
  const demo = collapse(c, () => fill())
  const game = toy()
  const text = h('div', { class: 'prose' })
  const choose = (who: 'everyone' | 'experts'): void => {
    text.replaceChildren(
      ...textFor(who, c.entry.facts.objective).map(paragraph =>
        paragraph.startsWith('# ') ? h('h3', {}, paragraph.slice(2)) : h('p', {}, paragraph),
      ),
    )
    for (const tab of tabs) tab.setAttribute('aria-pressed', String(tab.dataset.who === who))
  }
  const tabs = (['everyone', 'experts'] as const).map(who =>
    h('button', { type: 'button', class: 'chip', 'data-who': who, onclick: () => choose(who) }, t(who)),
  )
  const facts = h('dl', { class: 'facts' })

  function fill(): void {
    const { entry, renderer } = c
    const n = (value: number | undefined): string | null => (value === undefined ? null : value.toLocaleString())
    const rows: [Parameters<typeof t>[0], string | null][] = [
      ['fact_size', t('fact_sizeIs', { n: entry.size })],
      ['fact_parameters', n(entry.parameters)],
      ['fact_bytes', `${(entry.bytes / 1e6).toFixed(2)} MB`],
      [
        'fact_error',
        renderer &&
          t('fact_errorIs', { mean: renderer.header.error.mean.toFixed(2), max: renderer.header.error.max.toFixed(0) }),
      ],
      ['fact_pace', renderer && renderer.pace > 0 ? t('fact_paceIs', { n: renderer.pace.toFixed(0) }) : null],
      ['fact_runtime', renderer && t(renderer.card.used ? 'fact_card' : 'fact_processor')],
      ['fact_objective', entry.facts.objective ?? null],
      ['fact_pictures', n(entry.facts.pictures)],
      ['fact_shown', entry.facts.kimg === undefined ? null : n(Math.round(entry.facts.kimg * 1000))],
      ['fact_minutes', n(entry.facts.minutes)],
    ]
    facts.replaceChildren(
      ...rows
        .filter(([, value]) => value !== null)
        .flatMap(([key, value]) => [h('dt', {}, t(key)), h('dd', { class: key.slice(5) }, value)]),
    )
  }
  choose('everyone')
  fill()
  return {
    element: h(
      'div',
      { class: 'stage about' },
      h('div', { class: 'row', role: 'group', 'aria-label': t('view_about') }, ...tabs),
      h('div', { class: 'explained' }, text, h('section', {}, h('h3', {}, t('facts')), facts)),
      h('div', { class: 'demos' }, demo.element, game.element),
    ),
    draw() {
      demo.draw()
      game.show()
    },
    stop: game.stop,
  }
}
