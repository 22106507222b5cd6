import type { VerdictCode } from '../analysis/analysis.ts'
import type { Locale, Localized } from '../format/locale.ts'

/** A verdict where there is little room: its icon, and the side where the icon does not say it. */
export function verdictIcon(code: VerdictCode, locale: Locale): string {
  return icons[code][locale]
}

const icons: Readonly<Record<VerdictCode, Localized>> = {
  supported: { 'zh-CN': '✅', en: '✅' },
  refuted: { 'zh-CN': '❌', en: '❌' },
  inconclusive: { 'zh-CN': '⚖️', en: '⚖️' },
  'indicated-for': { 'zh-CN': '🔎 倾向成立', en: '🔎 for' },
  'indicated-against': { 'zh-CN': '🔎 倾向不成立', en: '🔎 against' },
  pending: { 'zh-CN': '🔄', en: '🔄' },
  none: { 'zh-CN': '⛔', en: '⛔' },
}
