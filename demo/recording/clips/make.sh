#!/usr/bin/env bash
# Makes the clips that the demo's recordings are put together from: sentences that espeak-ng speaks in two voices, and pictures of a made-up desk. Needs Debian's
# espeak-ng, opus-tools, ffmpeg and chromium. The clips are committed, so nobody needs to run this who does not want to change them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

# say VOICE PITCH NAME NUMBER TEXT
say() {
  espeak-ng -v "$1" -p "$2" -s 150 -w "$work/say.wav" "$5"
  opusenc --quiet --speech --bitrate 8 --framesize 60 --vbr --downmix-mono --discard-comments --discard-pictures "$work/say.wav" "$3-$4.opus"
}

rm -f ./*.opus ./*.ivf
i=0
while IFS= read -r text; do say en-gb 40 agent $i "$text"; i=$((i + 1)); done <<'TEXT'
Good afternoon, this is the service desk. How can I help you?
Let me have a look at the order. One moment, please.
I can see it here. It is waiting for the warehouse.
I have asked my colleague, the part came in this morning.
Tuesday afternoon would be possible for the delivery.
The credit note is for the part that you sent back.
I have made a note of it. Is there anything else?
You are welcome. Have a good day, goodbye.
TEXT
i=0
while IFS= read -r text; do say en-us+f3 60 customer $i "$text"; i=$((i + 1)); done <<'TEXT'
Hello. I am calling about the spare part that I ordered.
It was last week. I have not heard anything since.
Yes, that is the one.
When can it be delivered?
That suits me well, thank you.
And there is something on my invoice that I do not understand.
Ah, now I see. That makes sense.
No, that was all. Thank you for your help.
TEXT
ffmpeg -v error -f lavfi -i anullsrc=r=16000:cl=mono -t 0.6 "$work/silence.wav"
opusenc --quiet --speech --bitrate 6 --framesize 60 --vbr --discard-comments --discard-pictures "$work/silence.wav" silence-0.opus

for i in 0 1 2 3 4 5; do
  chromium --headless --no-sandbox --hide-scrollbars --window-size=640,360 --screenshot="$work/$i.png" "file://$PWD/desk.html#$i" 2>/dev/null
  ffmpeg -v error -loop 1 -framerate 1 -i "$work/$i.png" -frames:v 5 -c:v libvpx -crf 20 -b:v 400k -auto-alt-ref 0 -pix_fmt yuv420p -f ivf "screen-$i.ivf"
done
