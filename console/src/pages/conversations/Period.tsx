/** When conversations began: one of the periods that move with the day, or two points in time. */
import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { fromField, PERIODS, toField, type PeriodName } from './period';
import type { View } from './view';

interface Props {
  view: View;
  onShow: (change: Partial<View>) => void;
}

const CHOICES = [
  { value: '', label: 'Any time' },
  ...Object.entries(PERIODS).map(([value, label]) => ({ value, label })),
  { value: 'own', label: 'From … to …' },
];

export function Period({ view: { period, from, to }, onShow }: Props) {
  const [asked, setAsked] = useState(false);
  const own = period === null && (asked || from !== null || to !== null);
  const choose = (value: string) => {
    setAsked(value === 'own');
    if (value !== 'own') onShow({ period: (value || null) as PeriodName | null, from: null, to: null });
    else onShow({ period: null });
  };
  const backwards = from !== null && to !== null && from > to;
  return (
    <>
      <NativeSelect
        label="Started"
        size="xs"
        data={CHOICES}
        value={own ? 'own' : (period ?? '')}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {own && <At label="From" value={from} onChange={(at) => onShow({ from: at })} />}
      {own && <At label="Before" value={to} onChange={(at) => onShow({ to: at })} error={backwards && 'Choose a time after the start'} />}
    </>
  );
}

interface AtProps {
  label: string;
  value: string | null;
  onChange: (instant: string | null) => void;
  error?: string | false;
}

function At({ label, value, onChange, error }: AtProps) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      size="xs"
      value={toField(value)}
      onChange={(event) => onChange(fromField(event.currentTarget.value))}
      error={error}
    />
  );
}
