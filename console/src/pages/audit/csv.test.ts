import { describe, expect, it } from 'vitest';
import { cell, header, row, type Recorded } from './csv';
import { fileName } from './file';
import { parseFilter } from './filter';
import { isoWithOffset } from './times';

const event: Recorded = {
  id: 'E1',
  occurredAt: '2026-03-01T09:30:00.123456Z',
  activity: 'MEDIA_PROTECTED',
  result: 'SUCCESS',
  settingsVersion: null,
  user: { userId: '=cmd|calc', name: 'Nadia "N", Novak' },
  conversation: { id: 'C1' },
  vconHashes: ['h1', 'h2'],
  operation: { id: 'O1' },
  details: { __typename: 'ProtectionDetails', mediaFileCount: 2, reason: 'MIFID', protectedUntil: null },
};

describe('cell', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\nb', '"a\nb"'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1', "' =1"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['\n1', '"\'\n1"'],
    ['＝1', "'＝1"],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['1-1', '1-1'],
  ])('%j becomes %j', (text, want) => expect(cell(text)).toBe(want));
});

describe('the file', () => {
  it('begins with a byte order mark, and ends each line as RFC 4180 has it', () => {
    expect(header()).toMatch(/^\uFEFFtime,user id,user,.*\r\n$/);
    expect(row(event).split('\r\n')).toHaveLength(2);
    expect(row(event)).toContain(`,'=cmd|calc,"Nadia ""N"", Novak",MEDIA_PROTECTED,SUCCESS,`);
    expect(row(event)).toContain(
      `,C1,h1 h2,"{""type"":""ProtectionDetails"",""mediaFileCount"":2,""reason"":""MIFID"",""protectedUntil"":null}",E1,O1`,
    );
    expect(row(event).startsWith(isoWithOffset(event.occurredAt))).toBe(true);
  });

  it('has the dates of the period in its name', () => {
    const now = new Date(2026, 10, 24, 12).getTime();
    const named = (search: string, begin: string | null, oldest: string | null) =>
      fileName(parseFilter(new URLSearchParams(search)).filter, begin, oldest, now);
    expect(named('', new Date(2026, 10, 14, 12).toISOString(), null)).toBe('audit-log-2026-11-14-to-2026-11-24.csv');
    expect(named('period=all', null, new Date(2026, 1, 3, 12).toISOString())).toBe('audit-log-2026-02-03-to-2026-11-24.csv');
    expect(named('period=all', null, null)).toBe('audit-log-until-2026-11-24.csv');
    const until = new Date(2026, 10, 20).toISOString();
    expect(named(`period=custom&to=${until}`, null, null)).toBe('audit-log-until-2026-11-19.csv');
  });
});

describe('isoWithOffset', () => {
  it('keeps the instant and how precise it was', () => {
    const text = isoWithOffset('2026-03-01T09:30:00.123456Z');
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.123456[+-]\d\d:\d\d$/);
    expect(Date.parse(text)).toBe(Date.parse('2026-03-01T09:30:00.123Z'));
  });
});
