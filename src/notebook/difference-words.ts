import type { Localized } from '../format/locale.ts'

/** Headings, heads and words of the text that tells two versions apart. */
export const differenceWords = {
  nothingNew: { 'zh-CN': '结果与定义都没有变', en: 'neither results nor definition changed' },
  open: { 'zh-CN': '进行中', en: 'in progress' },
  standIn: { 'zh-CN': '替身引擎', en: 'stand-in engine' },
  configs: { 'zh-CN': '配置', en: 'Configs' },
  settings: { 'zh-CN': '设置', en: 'Settings' },
  figures: { 'zh-CN': '指标', en: 'Figures' },
  claims: { 'zh-CN': '假设', en: 'Hypotheses' },
  config: { 'zh-CN': '配置', en: 'Config' },
  setting: { 'zh-CN': '设置', en: 'Setting' },
  metric: { 'zh-CN': '指标', en: 'Metric' },
  hypothesis: { 'zh-CN': '假设', en: 'Hypothesis' },
  target: { 'zh-CN': '目标', en: 'Target' },
  before: { 'zh-CN': '之前', en: 'Before' },
  now: { 'zh-CN': '现在', en: 'Now' },
  change: { 'zh-CN': '变化', en: 'Change' },
  points: { 'zh-CN': ' 个百分点', en: ' points' },
  measured: { 'zh-CN': '已测', en: 'measured' },
  incomplete: { 'zh-CN': '不完整', en: 'incomplete' },
  failed: { 'zh-CN': '失败', en: 'failed' },
  pending: { 'zh-CN': '待测', en: 'pending' },
  recorded: { 'zh-CN': '取自文档', en: 'recorded' },
  untested: {
    'zh-CN': '两个版本之间的变化没有检验；2% 以内的看不出好坏，记作 ❔。',
    en: 'Changes between versions are not tested; those within 2% tell nothing and are marked ❔.',
  },
} as const satisfies Record<string, Localized>
