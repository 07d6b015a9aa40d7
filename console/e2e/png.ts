/** Makes a picture small: at most 256 colours, and packed as well as PNG can. Pictures of a page have few colours, so that one hardly sees it. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

interface Picture {
  width: number;
  height: number;
  /** Three bytes a dot: red, green, blue. */
  rgb: Buffer;
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const COLOURS = 256;

/** smaller packs a PNG anew, of the kind that the browser makes: eight bits, with or without transparency. */
export function smaller(png: Buffer): Buffer {
  const picture = decode(png);
  const { colours, dots } = reduce(picture);
  return encode(picture, colours, dots);
}

export function decode(png: Buffer): Picture {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error('this is no PNG');
  const data: Buffer[] = [];
  let head: Buffer = Buffer.alloc(0);
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') head = body;
    if (type === 'IDAT') data.push(body);
    at += length + 12;
  }
  const [depth, kind] = [head[8], head[9]];
  if (depth !== 8 || (kind !== 2 && kind !== 6)) throw new Error(`a PNG of ${depth} bits and kind ${kind} is not expected here`);
  const [width, height, channels] = [head.readUInt32BE(0), head.readUInt32BE(4), kind === 6 ? 4 : 3];
  return { width, height, rgb: opaque(unfiltered(inflateSync(Buffer.concat(data)), width * channels, channels), channels) };
}

/** unfiltered takes back what PNG does to each line before it is packed. */
function unfiltered(raw: Buffer, stride: number, channels: number): Buffer {
  const lines = raw.length / (stride + 1);
  const out = Buffer.alloc(lines * stride);
  for (let line = 0; line < lines; line++) {
    const filter = raw[line * (stride + 1)]!;
    for (let x = 0; x < stride; x++) {
      const here = line * stride + x;
      const left = x >= channels ? out[here - channels]! : 0;
      const up = line > 0 ? out[here - stride]! : 0;
      const corner = x >= channels && line > 0 ? out[here - stride - channels]! : 0;
      out[here] = raw[line * (stride + 1) + 1 + x]! + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function opaque(bytes: Buffer, channels: number): Buffer {
  if (channels === 3) return bytes;
  const rgb = Buffer.alloc((bytes.length / 4) * 3);
  for (let from = 0, to = 0; from < bytes.length; from += 4, to += 3) bytes.copy(rgb, to, from, from + 3);
  return rgb;
}

/** reduce keeps the colours that are there most often, and gives every other dot the nearest of them. */
function reduce({ rgb }: Picture): { colours: number[]; dots: Buffer } {
  const counts = new Map<number, number>();
  for (let at = 0; at < rgb.length; at += 3) {
    const colour = rgb.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const colours = [...counts]
    .sort(([a, n], [b, m]) => m - n || a - b)
    .map(([colour]) => colour)
    .slice(0, COLOURS);
  const places = new Map(colours.map((colour, place) => [colour, place]));
  for (const colour of counts.keys()) if (!places.has(colour)) places.set(colour, nearest(colour, colours));
  const dots = Buffer.alloc(rgb.length / 3);
  for (let at = 0; at < dots.length; at++) dots[at] = places.get(rgb.readUIntBE(at * 3, 3))!;
  return { colours, dots };
}

function nearest(colour: number, colours: number[]): number {
  const distance = (other: number) =>
    [16, 8, 0].reduce((sum, shift) => sum + (((colour >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);
  let best = 0;
  for (let place = 1; place < colours.length; place++) if (distance(colours[place]!) < distance(colours[best]!)) best = place;
  return best;
}

function encode({ width, height }: Picture, colours: number[], dots: Buffer): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8);
  const lines = Buffer.alloc((width + 1) * height);
  for (let line = 0; line < height; line++) dots.copy(lines, line * (width + 1) + 1, line * width, (line + 1) * width);
  const palette = Buffer.from(colours.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const packed = deflateSync(lines, { level: 9, memLevel: 9 });
  return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('PLTE', palette), chunk('IDAT', packed), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const whole = Buffer.alloc(named.length + 8);
  whole.writeUInt32BE(body.length, 0);
  named.copy(whole, 4);
  whole.writeUInt32BE(crc32(named), named.length + 4);
  return whole;
}
