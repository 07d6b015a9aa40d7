/** Periods that move with the day, in the viewer's time zone. */

export const PERIODS = {
  today: 'Today',
  yesterday: 'Yesterday',
  week: 'Last 7 days',
  month: 'Last 30 days',
  quarter: 'Last 90 days',
} as const;

export type PeriodName = keyof typeof PERIODS;

export const isPeriod = (name: string | null): name is PeriodName => name !== null && Object.hasOwn(PERIODS, name);

const DAYS_BACK: Record<PeriodName, number> = { today: 0, yesterday: 1, week: 6, month: 29, quarter: 89 };

/** bounds tells a period's beginning, and its end where it has one. They are midnights: the same all day long, and right where a day has 23 or 25 hours. */
export function bounds(name: PeriodName, now: Date): { startedFrom: string; startedTo?: string } {
  const startedFrom = midnight(now, DAYS_BACK[name]);
  return name === 'yesterday' ? { startedFrom, startedTo: midnight(now, 0) } : { startedFrom };
}

const midnight = (now: Date, daysBack: number): string =>
  new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysBack).toISOString();

/** toField and fromField are for inputs of the kind datetime-local, which know no time zone: they show the viewer's. */
export function toField(instant: string | null): string {
  if (instant === null) return '';
  const time = new Date(instant);
  return new Date(time.valueOf() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const fromField = (text: string): string | null => {
  const time = new Date(text);
  return Number.isNaN(time.valueOf()) ? null : time.toISOString();
};
