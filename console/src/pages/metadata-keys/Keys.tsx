/** The list of keys with search, paging, and what can be changed. */
import { Alert, Group, Pagination, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '../../auth/viewer';
import { Empty } from '../../ui/states';
import { CorrelationDialog } from './CorrelationDialog';
import { KeyTable } from './KeyTable';
import classes from './MetadataKeys.module.css';
import type { MetadataKey } from './operations';
import { KINDS, pageOf, PAGE_SIZE, select, type Kind } from './select';
import { useConfigure } from './useConfigure';

interface Props {
  keys: MetadataKey[];
  /** The keys that are switched on in the compliance settings; undefined if the viewer may not know them. */
  anonymized: ReadonlySet<string> | undefined;
}

export function Keys({ keys, anonymized }: Props) {
  const mayChange = useMay('EDIT_ADMIN_SETTING');
  const [search, setSearch] = useState('');
  const [kind, setKind] = useState<Kind>('all');
  const [wanted, setWanted] = useState(1);
  const [joining, setJoining] = useState<string>();
  const { configure, busy } = useConfigure();
  const found = select(keys, search, kind);
  const { shown, page, pages } = pageOf(found, wanted);
  return (
    <Stack gap="sm">
      {!mayChange && <Alert color="blue">Read only. To change keys, you need the role EDIT_ADMIN_SETTING.</Alert>}
      <Controls search={search} setSearch={setSearch} kind={kind} setKind={setKind} />
      <Text size="sm" c="dimmed" aria-live="polite">
        {tell(found.length, keys.length, page)}
      </Text>
      {shown.length === 0 ? (
        <Empty title="No matching keys" />
      ) : (
        <KeyTable keys={shown} anonymized={anonymized} configure={mayChange ? configure : undefined} busy={busy} join={setJoining} />
      )}
      {pages > 1 && (
        <Pagination
          total={pages}
          value={page}
          onChange={setWanted}
          getControlProps={named}
          getItemProps={(at) => ({ 'aria-label': `Page ${at}` })}
        />
      )}
      {joining !== undefined && (
        <CorrelationDialog
          name={joining}
          isAnonymized={anonymized?.has(joining)}
          configure={configure}
          busy={busy.has(joining)}
          close={() => setJoining(undefined)}
        />
      )}
    </Stack>
  );
}

interface ControlProps {
  search: string;
  setSearch: (search: string) => void;
  kind: Kind;
  setKind: (kind: Kind) => void;
}

function Controls({ search, setSearch, kind, setKind }: ControlProps) {
  return (
    <Group gap="sm">
      <TextInput
        type="search"
        className={classes.search}
        aria-label="Search keys"
        placeholder="Search keys"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <SegmentedControl
        aria-label="Which keys"
        data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
        value={kind}
        onChange={(value) => setKind(value as Kind)}
      />
    </Group>
  );
}

function tell(found: number, all: number, page: number): string {
  const range = found > PAGE_SIZE ? `, ${(page - 1) * PAGE_SIZE + 1} to ${Math.min(page * PAGE_SIZE, found)} shown` : '';
  return found === all ? `${all} keys${range}` : `${found} of ${all} keys found${range}`;
}

function named(control: 'previous' | 'next' | 'first' | 'last') {
  return { 'aria-label': `${control.charAt(0).toUpperCase()}${control.slice(1)} page` };
}
