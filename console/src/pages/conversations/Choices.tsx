/** The filters with a few choices each, and the order. They work at once. */
import { Chip, NativeSelect } from '@mantine/core';
import { MEDIA, TYPE } from '../../ui/labels';
import classes from './FilterBar.module.css';
import { Period } from './Period';
import { MEDIA_STATUSES, ORDERS, TYPES, type OrderName, type View } from './view';

interface Props {
  view: View;
  onShow: (change: Partial<View>) => void;
}

export function Choices({ view, onShow }: Props) {
  return (
    <div className={classes.row}>
      <Period view={view} onShow={onShow} />
      <Several legend="Type" values={TYPES} names={TYPE} chosen={view.types} onChoose={(types) => onShow({ types })} />
      <YesNo label="Reviewable" value={view.reviewable} onChange={(reviewable) => onShow({ reviewable })} />
      <YesNo label="Anonymized" value={view.anonymized} onChange={(anonymized) => onShow({ anonymized })} />
      <Several legend="Media" values={MEDIA_STATUSES} names={MEDIA_SHORT} chosen={view.media} onChoose={(media) => onShow({ media })} />
      <NativeSelect
        label="Order"
        size="xs"
        data={Object.keys(ORDERS).map((value) => ({ value, label: ORDER_NAMES[value as OrderName] }))}
        value={view.order}
        onChange={(event) => onShow({ order: event.currentTarget.value as OrderName })}
      />
    </div>
  );
}

const ORDER_NAMES: Record<OrderName, string> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  longest: 'Longest first',
  shortest: 'Shortest first',
};

const MEDIA_SHORT = { ...MEDIA, PLANNED_FOR_DELETION: 'Planned for deletion', NONE: 'None', MISSING: 'Missing' };

/** So that all the choices have room side by side on a screen of 1440 pixels. */
const NARROW = { root: { '--chip-padding': '0.5rem' }, label: {}, iconWrapper: {}, checkIcon: {}, input: {} };

interface SeveralProps<T extends string> {
  legend: string;
  values: T[];
  names: Record<T, string>;
  chosen: T[];
  onChoose: (chosen: T[]) => void;
}

function Several<T extends string>({ legend, values, names, chosen, onChoose }: SeveralProps<T>) {
  return (
    <fieldset className={classes.group}>
      <legend>{legend}</legend>
      <Chip.Group multiple value={chosen} onChange={(next) => onChoose(values.filter((value) => next.includes(value)))}>
        <div className={classes.chips}>
          {values.map((value) => (
            <Chip key={value} value={value} size="xs" radius="sm" vars={() => NARROW}>
              {names[value]}
            </Chip>
          ))}
        </div>
      </Chip.Group>
    </fieldset>
  );
}

interface YesNoProps {
  label: string;
  value: boolean | null;
  onChange: (value: boolean | null) => void;
}

function YesNo({ label, value, onChange }: YesNoProps) {
  return (
    <NativeSelect
      label={label}
      size="xs"
      data={['Any', 'Yes', 'No']}
      value={value === null ? 'Any' : value ? 'Yes' : 'No'}
      onChange={(event) => onChange({ Yes: true, No: false }[event.currentTarget.value] ?? null)}
    />
  );
}
