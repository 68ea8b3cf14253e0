// Words by language.  The browser's language at first, then what the visitor chose.

import { readStored, store } from '../ui/storage'
import { en, type Words } from './en'
import { zh } from './zh'

export const LANGUAGES = { en, zh }
export type Language = keyof typeof LANGUAGES

export function firstLanguage(): Language {
  const kept = readStored('language')
  if (kept === 'en' || kept === 'zh') return kept
  return navigator.languages
    .find(l => /^(en|zh)/i.test(l))
    ?.slice(0, 2)
    .toLowerCase() === 'zh'
    ? 'zh'
    : 'en'
}

let language: Language = 'en'

export const currentLanguage = (): Language => language

export function speak(next: Language): void {
  language = next
  store('language', next)
  document.documentElement.lang = next === 'zh' ? 'zh-Hans' : 'en'
}

/** The words of a key, with {name} replaced. */
export function t(key: keyof Words, values: Record<string, string | number> = {}): string {
  return LANGUAGES[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}
