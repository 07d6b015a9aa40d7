/** The active filters one by one, each with what is left without it. */
import { dateAndTime } from '../../ui/format';
import { MEDIA, TYPE } from '../../ui/labels';
import { PERIODS } from './period';
import { withoutMetadata } from './search';
import type { Viewing } from './useView';

export interface ActiveFilter {
  label: string;
  remove: () => void;
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

export function activeFilters({ view, search, show, find }: Viewing): ActiveFilter[] {
  const { period, from, to, types, media, reviewable, anonymized } = view;
  return [
    period && { label: PERIODS[period], remove: () => show({ period: null }) },
    from && { label: `From ${dateAndTime(from)}`, remove: () => show({ from: null }) },
    to && { label: `Before ${dateAndTime(to)}`, remove: () => show({ to: null }) },
    ...types.map((type) => ({ label: TYPE[type], remove: () => show({ types: types.filter((other) => other !== type) }) })),
    reviewable !== null && { label: `Reviewable: ${yesNo(reviewable)}`, remove: () => show({ reviewable: null }) },
    anonymized !== null && { label: `Anonymized: ${yesNo(anonymized)}`, remove: () => show({ anonymized: null }) },
    ...media.map((status) => ({
      label: `Media: ${MEDIA[status]}`,
      remove: () => show({ media: media.filter((other) => other !== status) }),
    })),
    search.phone && { label: `Phone number: ${search.phone}`, remove: () => find({ ...search, phone: '' }) },
    search.address && { label: `Address: ${search.address}`, remove: () => find({ ...search, address: '' }) },
    ...search.metadata.map(({ key, value }, at) => ({ label: `${key}: ${value}`, remove: () => find(withoutMetadata(search, at)) })),
  ].filter((filter): filter is ActiveFilter => typeof filter === 'object' && filter !== null);
}
