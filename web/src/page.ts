// What `chonk page` wrote into index.html about the models on this page.
import type { FileEntry } from './runtime/download'

export interface Film {
  file: string
  size: number
  columns: number
  across: number
  kimg: number[]
}

export interface NoveltyEntry {
  file: string
  thumbnails: string | null
  side: number
  columns: number
}

/** Sticker Hunt's files: the recognizer, and the sheet of the hidden stickers. */
export interface HuntEntry {
  file: string
  bytes: number
  sha256: string
  sheet: string
  stickers: number
  columns: number
  /** Of one sticker on the sheet, in pixels. */
  side: number
}

export interface ModelEntry {
  name: string
  title: string
  file: string
  bytes: number
  sha256: string
  size: number
  parameters: number
  /** Scale of the latents at which it draws best. */
  truncation: number
  /** Sheet of the first grid's pictures, drawn in advance: a data: address or a file. */
  stills: { source: string; columns: number; seed: number }
  film: Film | null
  curves: string | null
  novelty: NoveltyEntry | null
  /** The points that views show at first; pages of older versions have none. */
  starts?: { corners?: string[]; sum?: string[] }
  /** Of the finishing stage that was tuned for this model; missing where it has the page's. */
  finisher?: FileEntry
  /** Missing on pages of older versions. */
  hunt?: HuntEntry | null
  facts: { objective?: string; pictures?: number; kimg?: number; minutes?: number }
}

export interface PageData {
  title: string
  /** Of the finishing stage; missing on pages of before there was one. */
  finisher?: FileEntry
  models: ModelEntry[]
}

export function readPage(): PageData {
  try {
    const data = JSON.parse(document.getElementById('page')?.textContent ?? '') as PageData
    // The first model's stills stand in the document itself, for visitors without scripts; they are there only once.
    const inline = document.querySelector<HTMLImageElement>('#app .stills')?.src
    if (inline && data.models[0]) data.models[0].stills.source = inline
    return data
  } catch {
    return { title: 'chonk', models: [] }
  }
}
