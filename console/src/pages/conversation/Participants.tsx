/** Who took part. */
import { Text } from '@mantine/core';
import { More } from '../../ui/More';
import { Stored } from '../../ui/Stored';
import { Facts } from './Facts';
import { Panel } from './Panel';
import classes from './Participants.module.css';
import type { Participant } from './query';
import { ROLE } from '../../ui/labels';

export function Participants({ participants, count }: { participants: Participant[]; count: number }) {
  return (
    <Panel title="Participants">
      {participants.length === 0 && <Text size="sm">No known participants.</Text>}
      <ul className={classes.list}>
        {participants.map((participant, at) => (
          <li key={at}>
            <One {...participant} />
          </li>
        ))}
      </ul>
      <More shown={participants.length} of={count} what="participants" />
    </Panel>
  );
}

function One({ role, name, phoneNumber, isPhoneNumberAnonymized, digitalAddress, isDigitalAddressAnonymized }: Participant) {
  return (
    <>
      <Text size="sm">
        <Text component="span" inherit fw={600}>
          {name ?? 'Unknown name'}
        </Text>{' '}
        <Text component="span" inherit c="dimmed">
          {ROLE[role]}
        </Text>
      </Text>
      <Facts
        facts={[
          ['Phone', phoneNumber && <Stored key="" value={phoneNumber} anonymized={isPhoneNumberAnonymized} />],
          ['Address', digitalAddress && <Stored key="" value={digitalAddress} anonymized={isDigitalAddressAnonymized} />],
        ]}
      />
    </>
  );
}
