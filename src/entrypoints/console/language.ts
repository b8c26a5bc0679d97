import { Store, useStore } from './store.ts';
import { en, type Words } from './words/en.ts';
import { zh } from './words/zh.ts';

type Language = 'en' | 'zh';

const key = 'rollcall-language';

/** The language of the page: the one that was chosen here before, else the browser's where it is one of ours, else English. */
const language = new Store<Language>(initial());

/** Changes to the other language, and remembers that. */
export function switchLanguage(): void {
  const other = language.get() === 'en' ? 'zh' : 'en';
  localStorage.setItem(key, other);
  language.set(other);
}

/** The words of the page's language. */
export function useWords(): Words {
  return useStore(language) === 'zh' ? zh : en;
}

/** Numbers and times, as the language writes them. */
export interface Shown {
  count(value: number): string;
  rate(perSecond: number): string;
  bytes(value: number): string;
  share(value: number): string;
  time(instant: string): string;
  duration(seconds: number): string;
}

/** How the page's language writes numbers and times. */
export function useShown(): Shown {
  return shownIn(useWords().locale);
}

function shownIn(locale: string): Shown {
  const zhong = locale.startsWith('zh');
  const [s, min, h] = zhong ? [' 秒', ' 分', ' 小时'] : [' s', ' min', ' h'];
  return {
    count: (value) => value.toLocaleString(locale),
    rate: (perSecond) => perSecond.toLocaleString(locale, { maximumFractionDigits: perSecond < 10 ? 1 : 0 }),
    bytes: (value) => {
      const [unit, size] =
        value < 1e3 ? ['B', value] : value < 1e6 ? ['kB', value / 1e3] : value < 1e9 ? ['MB', value / 1e6] : ['GB', value / 1e9];
      return `${size.toLocaleString(locale, { maximumFractionDigits: size < 10 && unit !== 'B' ? 1 : 0 })} ${unit}`;
    },
    share: (value) => value.toLocaleString(locale, { style: 'percent' }),
    time: (instant) => new Date(instant).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' }),
    duration: (seconds) => {
      if (seconds < 10) return `${Number(seconds.toFixed(2))}${s}`;
      const whole = Math.round(seconds);
      if (whole < 60) return `${whole}${s}`;
      if (whole < 3_600) return `${Math.floor(whole / 60)}${min} ${whole % 60}${s}`;
      return `${Math.floor(whole / 3_600)}${h} ${Math.floor((whole % 3_600) / 60)}${min}`;
    },
  };
}

function initial(): Language {
  const chosen = localStorage.getItem(key);
  if (chosen === 'en' || chosen === 'zh') return chosen;
  return navigator.languages.find((name) => /^(en|zh)\b/.test(name))?.startsWith('zh') ? 'zh' : 'en';
}
