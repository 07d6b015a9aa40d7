/** Days as a date field has them, YYYY-MM-DD, in the time zone of the viewer. */

/** endOfDay is the last instant of a day; undefined for what is none. */
export function endOfDay(day: string): string | undefined {
  const [year, month, date] = day.split('-').map(Number);
  if (!year || !month || !date || year > 9999) return undefined;
  const end = new Date(year, month - 1, date, 23, 59, 59, 999);
  end.setFullYear(year); // years before 100 are taken for those of the last century
  return end.toISOString();
}
