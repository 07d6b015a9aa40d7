import { expect, it } from 'vitest';
import { Stage } from './stage';

const member = (startedAt: string | null, duration: number, currentTime = 0) => {
  const element = document.createElement('audio');
  for (const [name, value] of Object.entries({ duration, currentTime, paused: false, ended: false }))
    Object.defineProperty(element, name, { value, writable: true });
  element.play = () => Promise.resolve();
  return { kind: 'CALL' as const, startedAt, saidSeconds: 0, element };
};

const stage = new Stage('2026-03-01T10:00:00Z');

it('knows places by when the call began, not the recording', () => {
  const late = member('2026-03-01T10:00:10Z', 60, 5);
  const leave = stage.join(late);
  expect(stage.plays([null, 5, 10, 69, 70])).toBe('00110');
  expect(stage.heardAt()).toBe(15);
  stage.playFrom(30);
  expect(late.element.currentTime).toBe(20);
  stage.playFrom(5);
  expect(late.element.currentTime).toBe(20);
  leave();
  expect([stage.plays([10]), stage.heardAt()]).toEqual(['0', null]);
});

it('takes one of which that is not known to begin with the call', () => {
  const leave = stage.join(member(null, 60));
  expect(stage.plays([0, 59, 60])).toBe('110');
  leave();
});
