/** What the dialog to protect a recording holds, and what the API says to it, field by field. */
import { useState } from 'react';
import { graphql } from '../../api/generated';
import { useApiMutation } from '../../api/useApiMutation';
import type { ProtectionReason } from '../../api/generated/graphql';
import { inWords, isoDate } from '../../ui/format';
import { errorText } from '../../ui/states';
import { endOfDay } from './day';
import type { MediaFile } from './query';

const PROTECT = graphql(`
  mutation ProtectMedia($input: ProtectMediaInput!) {
    protectMedia(input: $input) {
      conversations {
        id
      }
      userErrors {
        message
        field
      }
    }
  }
`);

export interface Errors {
  reason?: string;
  note?: string;
  until?: string;
  /** What is wrong with the file, or with everything. */
  other?: string;
}

interface Day {
  value: string;
  /** What stands in the field is no date; its value is empty then, and must not pass for "without an end". */
  bad: boolean;
}

export function useProtect(file: MediaFile, onDone: () => void) {
  const [run, busy] = useApiMutation(PROTECT);
  const now = file.protection;
  const [reason, setReason] = useState<ProtectionReason | ''>(now?.reason ?? '');
  const [note, setNote] = useState(now?.note ?? '');
  const [day, setDay] = useState<Day>(() => ({ value: now?.until ? isoDate(now.until) : '', bad: false }));
  const [errors, setErrors] = useState<Errors>({});
  const submit = async (event: React.SyntheticEvent) => {
    event.preventDefault();
    const until = day.value === '' ? null : endOfDay(day.value);
    const problems = problemsOf(reason, note, day.bad ? undefined : until);
    if (reason === '' || (problems.note ?? problems.until)) return setErrors(problems);
    const { data, error } = await run({ input: { mediaFileIds: [file.id], reason, note: note.trim() || null, until } });
    const wrong = data?.protectMedia.userErrors ?? [];
    if (error) setErrors({ other: errorText(error) });
    else if (wrong.length > 0) setErrors(byField(wrong));
    else onDone();
  };
  return { reason, setReason, note, setNote, day, setDay, errors, busy, submit };
}

const MOST_NOTE = 500;

/** problemsOf says beforehand what the API would refuse. Until is undefined where it is no date, and null for a protection without an end. */
export function problemsOf(reason: string, note: string, until: string | null | undefined, now = Date.now()): Errors {
  const length = [...note.trim()].length;
  return {
    reason: reason === '' ? 'Choose a reason.' : undefined,
    note: length > MOST_NOTE ? `The note has ${length} characters; use at most ${MOST_NOTE}.` : undefined,
    until:
      until === undefined
        ? 'Enter a valid date, or leave empty to protect indefinitely.'
        : until !== null && Date.parse(until) <= now
          ? 'Choose a future date, or leave empty to protect indefinitely.'
          : undefined,
  };
}

const FIELDS = ['reason', 'note', 'until'] as const;

/** byField puts what the API says where it belongs; the path is input.reason, input.note, input.until or input.mediaFileIds.0. */
export function byField(errors: { message: string; field: string[] | null }[]): Errors {
  const sorted: Errors = {};
  for (const { message, field } of errors) {
    const name = FIELDS.find((one) => one === field?.[1]) ?? 'other';
    sorted[name] = [sorted[name], inWords(message)].filter(Boolean).join(' ');
  }
  return sorted;
}
