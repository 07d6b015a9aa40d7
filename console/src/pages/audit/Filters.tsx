/** What narrows the log. Every change counts at once. */
import { Alert, Button, Group, Input, MultiSelect, Pill, SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import { ACTIVITIES, isActivity, isResult, labelOf } from '../../audit/activities';
import classes from './Filters.module.css';
import { paramsOf, periodFrom, PERIODS } from './filter';
import { FromTo } from './FromTo';
import type { View } from './useAuditView';
import type { KnownUser } from './useKnownUsers';
import { capitalized, nameOf } from '../../audit/users';

/** Lists stand within the landmark that they belong to, and are seldom so long that they scroll. */
const LIST = { maxDropdownHeight: 480, comboboxProps: { withinPortal: false } };

export function Filters({ view, users }: { view: View; users: KnownUser[] }) {
  const { filter, change } = view;
  const narrowed = view.user !== null || paramsOf(filter).size > 0;
  return (
    <div role="search" aria-label="Filter the audit log">
      <div className={classes.filters}>
        <Select
          {...LIST}
          label="Time"
          data={PERIODS}
          value={filter.period}
          allowDeselect={false}
          onChange={(value) => value && change(periodFrom(filter, value, Date.now()))}
        />
        <MultiSelect
          {...LIST}
          label="Activity"
          placeholder={filter.activities.length === 0 ? 'All activities' : undefined}
          data={ACTIVITIES.map((value) => ({ value, label: labelOf(value) }))}
          value={filter.activities}
          onChange={(values) => change({ activities: values.filter(isActivity) })}
          clearable
          clearButtonProps={{ 'aria-label': 'Clear the activities' }}
        />
        <UserSelect view={view} users={users} />
        <div>
          <Input.Label component="div" id="audit-result">
            Result
          </Input.Label>
          <SegmentedControl
            fullWidth
            transitionDuration={0}
            aria-labelledby="audit-result"
            data={[
              { value: '', label: 'All' },
              { value: 'SUCCESS', label: 'Succeeded' },
              { value: 'FAILURE', label: 'Refused or failed' },
            ]}
            value={filter.result ?? ''}
            onChange={(value) => change({ result: isResult(value) ? value : null })}
          />
        </div>
      </div>
      {filter.period === 'custom' && <FromTo filter={filter} change={change} />}
      {narrowed && <Narrowed view={view} />}
      {!view.understood && (
        <Alert color="yellow" mt="xs">
          Part of this link is not valid and was ignored. The list may show other events than intended.
        </Alert>
      )}
    </div>
  );
}

/** Narrowed says what else narrows the list, and takes all of it back. */
function Narrowed({ view: { filter, change, clear } }: { view: View }) {
  return (
    <Group gap="xs" mt="xs">
      {filter.conversation && (
        <Pill
          size="md"
          withRemoveButton
          onRemove={() => change({ conversation: null })}
          removeButtonProps={{ 'aria-label': 'Show events of all conversations', 'aria-hidden': false, tabIndex: 0 }}
        >
          Only one conversation
        </Pill>
      )}
      <Button variant="subtle" size="compact-sm" onClick={clear}>
        Clear the filters
      </Button>
    </Group>
  );
}

/** UserSelect offers whom the log has shown so far, and takes any exact user id that is typed. */
function UserSelect({ view: { user, pickUser }, users }: { view: View; users: KnownUser[] }) {
  const [search, setSearch] = useState('');
  const typed = search.trim();
  const known = users.map((each) => ({ value: each.userId, label: labelFor(each, users) }));
  const other = typed !== '' && !known.some(({ value, label }) => value === typed || label === typed);
  const pick = (id: string | null) => pickUser(id === null ? null : (users.find((each) => each.userId === id) ?? { userId: id, name: '' }));
  return (
    <Select
      {...LIST}
      label="User"
      placeholder="Anyone"
      data={other ? [...known, { value: typed, label: `User ID ${typed}` }] : known}
      value={user?.userId ?? null}
      onChange={pick}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      clearable
      clearButtonProps={{ 'aria-label': 'Clear the user' }}
      autoComplete="off"
    />
  );
}

/** Users with the same name are shown with their id. */
function labelFor(user: KnownUser, users: KnownUser[]): string {
  const name = capitalized(nameOf(user));
  return users.some((each) => each.userId !== user.userId && nameOf(each) === nameOf(user)) ? `${name} (${user.userId})` : name;
}
