/** The search in what is, or may be, personal data. The browser is not to keep what is typed here either, hence autoComplete. */
import { Button, Input, NativeSelect, Text, TextInput } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useState, type SyntheticEvent } from 'react';
import { useDrops } from '../../api/pageState';
import classes from './FilterBar.module.css';
import { addressProblem, MOST_METADATA, phoneProblem, withMetadata, type Search } from './search';

interface Props {
  search: Search;
  keys: string[];
  onFind: (search: Search) => void;
}

export function SearchForm({ search, keys, onFind }: Props) {
  const draft = useDraft(search, keys);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const found = draft.finish();
    if (found) onFind(found);
  };
  return (
    <form onSubmit={submit} autoComplete="off">
      <div className={classes.fields}>
        <Field label="Phone number" {...draft.phone} inputMode="tel" />
        <Field label="E-mail, IP or chat handle" {...draft.address} />
        {keys.length > 0 && (
          <>
            <NativeSelect
              label="Metadata"
              size="xs"
              data={keys}
              value={draft.key}
              onChange={(event) => draft.setKey(event.currentTarget.value)}
            />
            <Field label="Exact value" {...draft.value} />
          </>
        )}
        {/* Beside the fields, below where their labels are. */}
        <Input.Wrapper size="xs" labelElement="div" label={<>&nbsp;</>}>
          <Button type="submit" size="xs" variant="default" display="block">
            Search
          </Button>
        </Input.Wrapper>
      </div>
      <Text size="xs" c="dimmed" mt={6} className={classes.hint}>
        <IconLock size={12} aria-hidden /> Searches can contain personal data, so they are never part of the link and are cleared on reload.
        Anonymized values can't be searched.
      </Text>
    </form>
  );
}

interface FieldProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  error?: string;
  inputMode?: 'tel';
}

function Field({ onChange, ...props }: FieldProps) {
  return <TextInput size="xs" autoComplete="off" spellCheck={false} {...props} onChange={(event) => onChange(event.currentTarget.value)} />;
}

/** useDraft is what is typed and not searched for yet; it follows the search where that is changed elsewhere. */
function useDraft(search: Search, keys: string[]) {
  const drops = useDrops();
  const [seen, setSeen] = useState({ search, drops });
  const [typed, setTyped] = useState({ phone: search.phone, address: search.address, value: '' });
  const [key, setKey] = useState<string>();
  const [tried, setTried] = useState(false);
  // Also what was not searched for yet goes after anonymizing, and out of these very fields: a browser keeps what stood in one that was taken away.
  if (seen.search !== search || seen.drops !== drops) {
    setSeen({ search, drops });
    setTyped({ phone: search.phone, address: search.address, value: '' });
  }
  const chosen = key ?? keys[0] ?? '';
  const field = (name: keyof typeof typed, error?: string) => ({
    value: typed[name],
    onChange: (text: string) => setTyped((before) => ({ ...before, [name]: text })),
    error: tried ? error : undefined,
  });
  const problems = {
    phone: phoneProblem(typed.phone.trim()),
    address: addressProblem(typed.address.trim()),
    value: tooMany(search, typed.value),
  };
  const finish = (): Search | null => {
    setTried(true);
    if (Object.values(problems).some(Boolean)) return null;
    setTried(false);
    const found = { ...search, phone: typed.phone.trim(), address: typed.address.trim() };
    return typed.value === '' ? found : withMetadata(found, { key: chosen, value: typed.value });
  };
  return {
    phone: field('phone', problems.phone),
    address: field('address', problems.address),
    value: field('value', problems.value),
    key: chosen,
    setKey,
    finish,
  };
}

const tooMany = ({ metadata }: Search, value: string): string | undefined =>
  value !== '' && metadata.length >= MOST_METADATA ? `At most ${MOST_METADATA} values` : undefined;
