package recording

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path"
)

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
