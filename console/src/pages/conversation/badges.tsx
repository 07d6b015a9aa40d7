/** What things are and what became of them, as an icon with text: never by colour alone. */
import { Badge } from '@mantine/core';
import {
  IconClockX,
  IconDeviceDesktop,
  IconEye,
  IconEyeOff,
  IconFileUnknown,
  IconMail,
  IconMessage,
  IconPhone,
  IconShieldCheck,
  IconTrash,
  type Icon,
} from '@tabler/icons-react';
import type { ConversationType, MediaStatus } from '../../api/generated/graphql';
import { counted } from '../../ui/format';
import { mediaWords, TYPE } from '../../ui/labels';

export const TYPE_ICON: Record<ConversationType, Icon> = {
  CALL: IconPhone,
  SCREEN_RECORDING: IconDeviceDesktop,
  EMAIL: IconMail,
  CHAT: IconMessage,
};

interface Props {
  icon: Icon;
  color: string;
  children: string;
}

function Marked({ icon: Symbol, color, children }: Props) {
  return (
    <Badge color={color} variant="light" radius="sm" size="lg" tt="none" fw={500} leftSection={<Symbol size={14} aria-hidden />}>
      {children}
    </Badge>
  );
}

export const TypeBadge = ({ type }: { type: ConversationType }) => (
  <Marked icon={TYPE_ICON[type]} color="blue">
    {TYPE[type]}
  </Marked>
);

export const ReviewBadge = ({ reviewable }: { reviewable: boolean }) => (
  <Marked icon={reviewable ? IconEye : IconEyeOff} color={reviewable ? 'green' : 'gray'}>
    {reviewable ? 'Yes' : 'No'}
  </Marked>
);

/** MediaState shows nothing for media that there never was, or that can be played. */
export function MediaState({ status, protectedFiles = 0 }: { status: MediaStatus; protectedFiles?: number }) {
  switch (status) {
    case 'PLANNED_FOR_DELETION':
      return (
        <Marked icon={IconClockX} color="orange">
          {mediaWords(status, protectedFiles)}
        </Marked>
      );
    case 'DELETED':
      return (
        <Marked icon={IconTrash} color="gray">
          {mediaWords(status, protectedFiles)}
        </Marked>
      );
    case 'MISSING':
      return (
        <Marked icon={IconFileUnknown} color="gray">
          Recordings missing
        </Marked>
      );
    default:
      return null;
  }
}

export const ProtectedBadge = ({ count }: { count?: number }) => (
  <Marked icon={IconShieldCheck} color="blue">
    {count === undefined ? 'Protected' : counted(count, 'protected file')}
  </Marked>
);
