// Package recording makes the recordings of the demo's calls: two voices that speak in turn, and the
// screen of a made-up workplace. They are put together, as WebM files that play and seek in every browser,
// from the clips in the folder clips, which make.sh there has made.
package recording

import (
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"time"
)

// The media types of what Call and Screen return.
const (
	CallMediaType   = "audio/webm"
	ScreenMediaType = "video/webm"
)

//go:embed clips/*.opus clips/*.ivf
var files embed.FS

// Clips are the clips, read and ready to be put together. They are safe for concurrent use.
type Clips struct {
	agent, customer, screens []clip
	silence                  clip
}

// clip is a sequence of encoded frames; the first of a screen's is a whole picture.
type clip [][]byte

// frame lengths of the clips, as make.sh encodes them.
const (
	soundFrame  = 60 * time.Millisecond
	screenFrame = time.Second
)

// NewClips reads the clips.
func NewClips() (*Clips, error) {
	c := &Clips{}
	for _, kind := range []struct {
		pattern string
		into    *[]clip
		read    func([]byte) (clip, error)
	}{{"agent", &c.agent, readOgg}, {"customer", &c.customer, readOgg}, {"screen", &c.screens, readIVF}} {
		list, err := readClips(kind.pattern, kind.read)
		if err != nil {
			return nil, err
		}
		*kind.into = list
	}
	silence, err := readClips("silence", readOgg)
	if err != nil {
		return nil, err
	}
	c.silence = silence[0]
	return c, nil
}

// Call is a call of a length: the agent and the customer speak in turn, what they say depends on the
// seed. The same arguments give the same bytes.
func (c *Clips) Call(seed uint64, length time.Duration) []byte {
	random := rand.New(rand.NewPCG(seed, 1))
	wanted := max(1, int(length/soundFrame))
	var frames clip
	for speaker, turn := c.agent, 0; len(frames) < wanted; turn++ {
		// The first sentences of both open a call; what follows is any of the others.
		said := turn / 2
		if said > 0 {
			said = 1 + random.IntN(len(speaker)-1)
		}
		frames = append(frames, speaker[said]...)
		for range 1 + random.IntN(2) {
			frames = append(frames, c.silence...)
		}
		if speaker = c.customer; turn%2 == 1 {
			speaker = c.agent
		}
	}
	return sound(frames[:wanted], soundFrame)
}

// Screen is what an agent's screen showed for a length; which pages, and for how long, depends on the
// seed. The same arguments give the same bytes.
func (c *Clips) Screen(seed uint64, length time.Duration) []byte {
	random := rand.New(rand.NewPCG(seed, 2))
	wanted := max(1, int(length/screenFrame))
	var frames clip
	var whole []int
	for page := 0; len(frames) < wanted; page = (page + 1 + random.IntN(len(c.screens)-1)) % len(c.screens) {
		whole = append(whole, len(frames))
		shown := c.screens[page]
		frames = append(frames, shown[:min(len(shown), 3+random.IntN(3))]...)
	}
	return screen(frames[:wanted], slices.DeleteFunc(whole, func(i int) bool { return i >= wanted }),
		screenFrame)
}

func readClips(kind string, read func([]byte) (clip, error)) ([]clip, error) {
	entries, err := files.ReadDir("clips")
	if err != nil {
		return nil, err
	}
	var list []clip
	for _, entry := range entries {
		if matched, _ := path.Match(kind+"-*", entry.Name()); !matched {
			continue
		}
		content, err := files.ReadFile("clips/" + entry.Name())
		if err != nil {
			return nil, err
		}
		frames, err := read(content)
		if err != nil {
			return nil, fmt.Errorf("clip %s: %w", entry.Name(), err)
		}
		list = append(list, frames)
	}
	return list, nil
}

var errClip = errors.New("is not what make.sh makes")

// readOgg takes the packets out of an Ogg file (RFC 3533), without the two that describe the stream.
func readOgg(content []byte) (clip, error) {
	var packets clip
	var packet []byte
	for len(content) > 0 {
		if len(content) < 27 || string(content[:4]) != "OggS" || len(content) < 27+int(content[26]) {
			return nil, errClip
		}
		lacing, body := content[27:27+int(content[26])], content[27+int(content[26]):]
		for _, length := range lacing {
			if len(body) < int(length) {
				return nil, errClip
			}
			packet, body = append(packet, body[:length]...), body[length:]
			if length < 255 { // a packet ends with a shorter part
				packets, packet = append(packets, packet), nil
			}
		}
		content = body
	}
	if len(packets) < 3 {
		return nil, errClip
	}
	return packets[2:], nil
}

// readIVF takes the frames out of an IVF file: a header of 32 bytes, and frames with one of 12.
func readIVF(content []byte) (clip, error) {
	if len(content) < 32 || string(content[:4]) != "DKIF" {
		return nil, errClip
	}
	var frames clip
	for content = content[32:]; len(content) > 0; {
		if len(content) < 12 || uint64(len(content)-12) < uint64(binary.LittleEndian.Uint32(content)) {
			return nil, errClip
		}
		length := binary.LittleEndian.Uint32(content)
		frames, content = append(frames, content[12:12+length]), content[12+length:]
	}
	return frames, nil
}
