/** Reads CSV as RFC 4180 has it, strictly, so that a test finds out what a spreadsheet would. */

/** parseCsv returns the records, each by the names of the first one. */
export function parseCsv(text: string): Record<string, string>[] {
  const [names = [], ...records] = cells(text);
  return records.map((record) => {
    if (record.length !== names.length) throw new Error(`a record has ${record.length} cells, not ${names.length}: ${record.join('|')}`);
    return Object.fromEntries(names.map((name, at) => [name, record[at]!]));
  });
}

function cells(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  for (const [whole, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy)) {
    if (whole === '') break;
    record.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}
