/** Settings for unit tests: two basic items on, one filter key, one correlation key. */
import type { Settings } from './operations';

export function settingsWith(version: number, on: string[] = [], staged?: { baseVersion: number; on: string[] }): Settings {
  return {
    version,
    savedAt: '2026-03-01T09:30:00Z',
    savedBy: 'Marcus Webb',
    ...switches(on),
    staged: staged ? { baseVersion: staged.baseVersion, stagedAt: '2026-03-01T09:31:00Z', ...switches(staged.on) } : null,
  };
}

function switches(on: string[]) {
  const key = (name: string, isCorrelationKey = false) => ({ key: name, isAnonymized: on.includes(name), isCorrelationKey });
  return {
    basicData: {
      participantPhoneNumber: on.includes('phone'),
      participantDigitalAddress: on.includes('address'),
      subjectAndBody: on.includes('body'),
      mediaFiles: on.includes('media'),
    },
    customData: [key('queue')],
    otherData: [key('customer', true), key('mediaFiles')],
  };
}
