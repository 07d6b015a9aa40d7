/** What the dialog to protect a recording holds, and what the API says to it, field by field. */
import { useState } from 'react';
import { graphql } from '../../api/generated';
import { useApiMutation } from '../../api/useApiMutation';
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
  const [reason, setReason] = useState(file.protectionReason ?? '');
  const [day, setDay] = useState<Day>(() => ({ value: file.protectedUntil ? isoDate(file.protectedUntil) : '', bad: false }));
  const [errors, setErrors] = useState<Errors>({});
  const submit = async (event: React.SyntheticEvent) => {
    event.preventDefault();
    const until = day.value === '' ? null : endOfDay(day.value);
    const problems = problemsOf(reason, day.bad ? undefined : until);
    if (problems.reason ?? problems.until) return setErrors(problems);
    const { data, error } = await run({ input: { mediaFileIds: [file.id], reason, until } });
    const wrong = data?.protectMedia.userErrors ?? [];
    if (error) setErrors({ other: errorText(error) });
    else if (wrong.length > 0) setErrors(byField(wrong));
    else onDone();
  };
  return { reason, setReason, day, setDay, errors, busy, submit };
}

const MOST_REASON = 500;

/** problemsOf says beforehand what the API would refuse. Until is undefined where it is no date, and null for a protection without an end. */
export function problemsOf(reason: string, until: string | null | undefined, now = Date.now()): Errors {
  const length = [...reason.trim()].length;
  return {
    reason:
      length === 0
        ? 'Enter a reason.'
        : length > MOST_REASON
          ? `The reason has ${length} characters; use at most ${MOST_REASON}.`
          : undefined,
    until:
      until === undefined
        ? 'Enter a valid date, or leave empty to protect indefinitely.'
        : until !== null && Date.parse(until) <= now
          ? 'Choose a future date, or leave empty to protect indefinitely.'
          : undefined,
  };
}

/** byField puts what the API says where it belongs; the path is input.reason, input.until or input.mediaFileIds.0. */
export function byField(errors: { message: string; field: string[] | null }[]): Errors {
  const sorted: Errors = {};
  for (const { message, field } of errors) {
    const name = field?.[1] === 'reason' || field?.[1] === 'until' ? field[1] : 'other';
    sorted[name] = [sorted[name], inWords(message)].filter(Boolean).join(' ');
  }
  return sorted;
}
