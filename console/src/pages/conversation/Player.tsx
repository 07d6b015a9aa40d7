/** Plays a recording with the browser's own controls. It never begins by itself. */
import { Alert, Button, Group, Text } from '@mantine/core';
import { useEffect } from 'react';
import { SAYS, type Problem } from './playback';
import type { MediaFile } from './query';
import classes from './Recordings.module.css';
import type { Stage } from './stage';
import { useNewLink } from './useNewLink';
import { usePlayback } from './usePlayback';
import { RECORDING } from '../../ui/labels';

interface Props {
  file: MediaFile & { playbackUrl: string };
  conversationId: string;
  stage: Stage;
  /** Asks for the conversation anew, since the file is not what it was. */
  refetch: () => void;
}

export function Player({ file: { id, kind, playbackUrl, startedAt, durationSeconds }, conversationId, stage, refetch }: Props) {
  const renew = useNewLink(conversationId, id);
  const { media, problem, retry, ...events } = usePlayback({ first: playbackUrl, renew, goOn: stage.goOn });
  useEffect(() => {
    if (problem === 'deleted' || problem === 'missing') refetch();
  }, [problem, refetch]);
  useEffect(
    () => (problem === null ? stage.join({ kind, startedAt, saidSeconds: durationSeconds ?? 0, element: media.current! }) : undefined),
    [problem, stage, kind, startedAt, durationSeconds, media],
  );
  const element = { controls: true, preload: 'metadata', 'aria-label': RECORDING[kind], hidden: problem !== null, ...events } as const;
  return (
    <>
      {/* There are no captions to show: what was said stands below as the transcript. */}
      {kind === 'SCREEN' ? (
        // eslint-disable-next-line jsx-a11y/media-has-caption
        <video {...element} ref={media as React.RefObject<HTMLVideoElement>} className={classes.video} />
      ) : (
        // eslint-disable-next-line jsx-a11y/media-has-caption
        <audio {...element} ref={media} className={classes.audio} />
      )}
      {problem && <Trouble problem={problem} retry={retry} />}
    </>
  );
}

const FINAL: Problem[] = ['deleted', 'missing'];

function Trouble({ problem, retry }: { problem: Problem; retry: () => void }) {
  return (
    <Alert role="alert" color={FINAL.includes(problem) ? 'gray' : 'yellow'} p="sm">
      <Group justify="space-between" gap="xs">
        <Text size="sm">{SAYS[problem]}</Text>
        {!FINAL.includes(problem) && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
