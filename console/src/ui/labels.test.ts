import { expect, it } from 'vitest';
import { mediaWords } from './labels';

it('media that is protected is not said to be gone with the rest', () => {
  expect(mediaWords('DELETED', 0)).toBe('Deleted');
  expect(mediaWords('DELETED', 1)).toBe('Partly deleted');
  expect(mediaWords('PLANNED_FOR_DELETION', 2)).toBe('Partly planned for deletion of media files');
  expect(mediaWords('AVAILABLE', 1)).toBe('Available');
});
