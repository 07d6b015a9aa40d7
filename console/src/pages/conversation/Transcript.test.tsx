import { act, screen } from '@testing-library/react';
import { Profiler } from 'react';
import { expect, it } from 'vitest';
import { renderUi } from '../../testing/render';
import type { Message } from './query';
import { Stage } from './stage';
import { Transcript } from './Transcript';

const said = (text: string, seconds: number): Message => ({
  kind: 'TRANSCRIPT',
  author: { name: 'Hana', role: 'AGENT', digitalAddress: null, isDigitalAddressAnonymized: false },
  sentAt: new Date(Date.UTC(2026, 2, 1, 10, 0, seconds)).toISOString(),
  text,
  isAnonymized: false,
});

const startedAt = '2026-03-01T10:00:00Z';
const turns = {
  shown: [said('first', 0), said('second', 10), said('third', 20)],
  total: 3,
  hasMore: false,
  fetching: false,
  error: undefined,
  more: () => undefined,
};

it('is rendered when another turn is heard, and not before', () => {
  const stage = new Stage(startedAt);
  const element = document.createElement('audio');
  const now = { paused: false, ended: false, duration: 60, currentTime: 1 };
  for (const name of Object.keys(now) as (keyof typeof now)[]) Object.defineProperty(element, name, { get: () => now[name] });
  let rendered = 0;
  stage.join({ kind: 'CALL', startedAt: null, saidSeconds: 60, element });
  renderUi(
    <Profiler id="transcript" onRender={() => rendered++}>
      <Transcript turns={turns} startedAt={startedAt} stage={stage} />
    </Profiler>,
  );
  const at = (seconds: number) => {
    now.currentTime = seconds;
    act(() => void element.dispatchEvent(new Event('timeupdate')));
    return screen.getAllByRole('listitem').map((turn) => turn.getAttribute('aria-current'));
  };
  rendered = 0;
  for (let seconds = 1; seconds < 10; seconds += 0.25) expect(at(seconds)).toEqual(['true', null, null]);
  expect(rendered).toBe(0);
  expect(at(10)).toEqual([null, 'true', null]);
  expect(at(15)).toEqual([null, 'true', null]);
  expect(rendered).toBe(1);
  now.paused = true;
  expect(at(15)).toEqual([null, null, null]);
  expect(screen.getAllByRole('button').map(({ textContent }) => /Play from [\d:]+/.exec(textContent ?? '')?.[0])).toEqual([
    'Play from 0:00',
    'Play from 0:10',
    'Play from 0:20',
  ]);
});
