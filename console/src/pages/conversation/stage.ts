/** The players of one call that can play: what they share with each other, and with the transcript. */
import type { MediaKind } from '../../api/generated/graphql';
import { runTogether, type Pair } from './pair';
import { start, type Place } from './place';

interface Member {
  kind: MediaKind;
  element: HTMLMediaElement;
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
    this.pair = this.wanted && this.isPair() ? runTogether(this.members[0]!.element, this.members[1]!.element) : null;
    this.tell();
  }

  company = (): Company => (this.isPair() ? (this.wanted ? 'together' : 'apart') : 'none');

  setTogether = (together: boolean) => {
    this.wanted = together;
    this.arrange();
  };

  /** goOn is where a player goes on that was away. */
  goOn = (element: HTMLMediaElement, here: Place): Place => this.pair?.placeFor(element, here) ?? here;

  /** seconds is how long the longest recording plays. */
  seconds = (): number => Math.max(0, ...this.members.map(lengthOf));

  /** heardAt is the place of what plays, of the sound where both do; null where nothing does. */
  heardAt = (): number | null => this.members.find(({ element }) => !element.paused && !element.ended)?.element.currentTime ?? null;

  /** playFrom seeks, and plays; of recordings that run apart only the first, so that no two sounds are heard at once. */
  playFrom = (seconds: number) => {
    const within = this.members.filter((member) => seconds < lengthOf(member));
    for (const { element } of this.pair ? within.slice(0, 1) : within) element.currentTime = seconds; // the other one follows
    for (const { element } of this.pair ? within : within.slice(0, 1)) start(element); // both at once, since some browsers want the press of a button for each
  };
}

/** What the file itself says is surer than what came with the vCon. */
const lengthOf = ({ element: { duration }, saidSeconds }: Member): number => (Number.isFinite(duration) ? duration : saidSeconds);
