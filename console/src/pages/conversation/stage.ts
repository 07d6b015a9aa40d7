/** The players of one call that can play: what they share with each other, and with the transcript. */
import type { MediaKind } from '../../api/generated/graphql';
import { instantOf } from './instants';
import { runTogether, type Pair } from './pair';
import { start, type Place } from './place';

interface Member {
  kind: MediaKind;
  element: HTMLMediaElement;
  /** When it began; null where that is not known, and then it is taken to begin with the call. */
  startedAt: string | null;
  /** How long it is said to play, zero where that is not known. */
  saidSeconds: number;
}

/** Whether there is a sound and a screen, and what they do. */
export type Company = 'none' | 'together' | 'apart';

const TELLS = ['timeupdate', 'seeking', 'play', 'pause', 'ended', 'durationchange'];

export class Stage {
  private members: Member[] = [];
  private listeners = new Set<() => void>();
  private pair: Pair | null = null;
  private wanted = true;
  private readonly since: string;

  /** Places are in seconds from when the call began, which is what is given. */
  constructor(since: string) {
    this.since = since;
  }

  /** subscribe tells of everything, many times a second: take what you need with useSyncExternalStore. */
  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  private tell = () => this.listeners.forEach((listener) => listener());

  /** join takes in a player; what it returns lets it go. The sound stands before the screen. */
  join(member: Member): () => void {
    const left = new AbortController();
    for (const event of TELLS) member.element.addEventListener(event, this.tell, { signal: left.signal });
    this.be([...this.members, member].sort((a, b) => a.kind.localeCompare(b.kind)));
    return () => {
      left.abort();
      this.be(this.members.filter((other) => other !== member));
    };
  }

  private be(members: Member[]): void {
    this.members = members;
    this.arrange();
  }

  private isPair = () => this.members.map(({ kind }) => kind).join() === 'CALL,SCREEN';

  private arrange(): void {
    this.pair?.part();
    const [sound, screen] = this.members;
    this.pair =
      this.wanted && this.isPair() ? runTogether(sound!.element, screen!.element, this.beginOf(screen!) - this.beginOf(sound!)) : null;
    this.tell();
  }

  private beginOf = ({ startedAt }: Member): number => instantOf(startedAt, this.since) ?? 0;

  private placeIn = (member: Member, seconds: number): number => seconds - this.beginOf(member);

  company = (): Company => (this.isPair() ? (this.wanted ? 'together' : 'apart') : 'none');

  setTogether = (together: boolean) => {
    this.wanted = together;
    this.arrange();
  };

  /** goOn is where a player goes on that was away. */
  goOn = (element: HTMLMediaElement, here: Place): Place => this.pair?.placeFor(element, here) ?? here;

  private has = (seconds: number) => (member: Member) => {
    const place = this.placeIn(member, seconds);
    return place >= 0 && place < lengthOf(member);
  };

  /** plays tells of each place whether a recording has it, as one text: the same for as long as nothing has changed. */
  plays = (places: (number | null)[]): string =>
    places.map((seconds) => (seconds !== null && this.members.some(this.has(seconds)) ? '1' : '0')).join('');

  /** heardAt is the place of what plays, of the sound where both do; null where nothing does. */
  heardAt = (): number | null => {
    const heard = this.members.find(({ element }) => !element.paused && !element.ended);
    return heard ? heard.element.currentTime + this.beginOf(heard) : null;
  };

  /** playFrom seeks, and plays; of recordings that run apart only the first, so that no two sounds are heard at once. */
  playFrom = (seconds: number) => {
    const within = this.members.filter(this.has(seconds));
    for (const member of this.pair ? within.slice(0, 1) : within) member.element.currentTime = this.placeIn(member, seconds); // the other one follows
    for (const { element } of this.pair ? within : within.slice(0, 1)) start(element); // both at once, since some browsers want the press of a button for each
  };
}

/** What the file itself says is surer than what came with the vCon. */
const lengthOf = ({ element: { duration }, saidSeconds }: Member): number => (Number.isFinite(duration) ? duration : saidSeconds);
