package recording

import (
	"encoding/binary"
	"math"
	"time"
)

// The elements of Matroska (RFC 9559) that a WebM file needs.
const (
	idEBML               = 0x1A45DFA3
	idVersion            = 0x4286
	idReadVersion        = 0x42F7
	idMaxIDLength        = 0x42F2
	idMaxSizeLength      = 0x42F3
	idDocType            = 0x4282
	idDocTypeVersion     = 0x4287
	idDocTypeReadVersion = 0x4285

	idSegment        = 0x18538067
	idInfo           = 0x1549A966
	idTimestampScale = 0x2AD7B1
	idDuration       = 0x4489
	idMuxingApp      = 0x4D80
	idWritingApp     = 0x5741

	idTracks       = 0x1654AE6B
	idTrackEntry   = 0xAE
	idTrackNumber  = 0xD7
	idTrackUID     = 0x73C5
	idTrackType    = 0x83
	idCodecID      = 0x86
	idCodecPrivate = 0x63A2
	idCodecDelay   = 0x56AA
	idSeekPreRoll  = 0x56BB
	idLacing       = 0x9C

	idAudio             = 0xE1
	idSamplingFrequency = 0xB5
	idChannels          = 0x9F
	idVideo             = 0xE0
	idPixelWidth        = 0xB0
	idPixelHeight       = 0xBA

	idCues               = 0x1C53BB6B
	idCuePoint           = 0xBB
	idCueTime            = 0xB3
	idCueTrackPositions  = 0xB7
	idCueTrack           = 0xF7
	idCueClusterPosition = 0xF1

	idCluster     = 0x1F43B675
	idTimestamp   = 0xE7
	idSimpleBlock = 0xA3
)

// soundCluster is how many frames of sound are between two places to seek to: three seconds.
const soundCluster = 50

// sound is a WebM file with frames of Opus.
func sound(frames clip, length time.Duration) []byte {
	var starts []int
	for i := 0; i < len(frames); i += soundCluster {
		starts = append(starts, i)
	}
	// RFC 7845: version, channels, samples to skip, original rate, gain, mapping family.
	head := append([]byte("OpusHead\x01\x01"), 0x38, 0x01, 0x80, 0x3e, 0, 0, 0, 0, 0)
	track := element(idTrackEntry, number(idTrackNumber, 1), number(idTrackUID, 1), number(idTrackType, 2),
		number(idLacing, 0), text(idCodecID, "A_OPUS"), element(idCodecPrivate, head),
		number(idCodecDelay, 6_500_000), number(idSeekPreRoll, 80_000_000),
		element(idAudio, float(idSamplingFrequency, 48000), number(idChannels, 1)))
	return webm(track, frames, starts, length)
}

// screen is a WebM file with frames of VP8; starts are those that are whole pictures, which can be sought to.
func screen(frames clip, starts []int, length time.Duration) []byte {
	track := element(idTrackEntry, number(idTrackNumber, 1), number(idTrackUID, 1), number(idTrackType, 1),
		number(idLacing, 0), text(idCodecID, "V_VP8"),
		element(idVideo, number(idPixelWidth, 640), number(idPixelHeight, 360)))
	return webm(track, frames, starts, length)
}

// webm puts a file together: a cluster from each start on, and before all of them the cues that tell
// where they are.
func webm(track []byte, frames clip, starts []int, length time.Duration) []byte {
	header := element(idEBML, number(idVersion, 1), number(idReadVersion, 1), number(idMaxIDLength, 4),
		number(idMaxSizeLength, 8), text(idDocType, "webm"), number(idDocTypeVersion, 4),
		number(idDocTypeReadVersion, 2))
	duration := float64(len(frames)) * float64(length.Milliseconds())
	info := element(idInfo, number(idTimestampScale, 1_000_000), float(idDuration, duration),
		text(idMuxingApp, "qm-compliance"), text(idWritingApp, "qm-compliance"))
	tracks := element(idTracks, track)
	var clusters [][]byte
	for i, start := range starts {
		end := len(frames)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		clusters = append(clusters, cluster(frames[start:end], start, length))
	}
	// Numbers have a fixed length, so that the cues are as long with the true positions as with any.
	before := len(info) + len(tracks) + len(cues(clusters, starts, 0, length))
	body := [][]byte{info, tracks, cues(clusters, starts, before, length)}
	return append(header, element(idSegment, append(body, clusters...)...)...)
}

func cues(clusters [][]byte, starts []int, position int, length time.Duration) []byte {
	var points [][]byte
	for i, start := range starts {
		points = append(points, element(idCuePoint, number(idCueTime, milliseconds(start, length)),
			element(idCueTrackPositions, number(idCueTrack, 1), number(idCueClusterPosition, uint64(position)))))
		position += len(clusters[i])
	}
	return element(idCues, points...)
}

func milliseconds(frame int, length time.Duration) uint64 {
	return uint64(frame) * uint64(length.Milliseconds())
}

func cluster(frames clip, first int, length time.Duration) []byte {
	parts := [][]byte{number(idTimestamp, milliseconds(first, length))}
	for i, frame := range frames {
		block := []byte{0x81, 0, 0, 0} // the track, the time within the cluster, flags
		binary.BigEndian.PutUint16(block[1:], uint16(milliseconds(i, length)))
		if i == 0 || length == soundFrame {
			block[3] = 0x80 // it can be decoded by itself
		}
		parts = append(parts, element(idSimpleBlock, block, frame))
	}
	return element(idCluster, parts...)
}

// element is an element with its parts in it; its length is written in eight bytes, however small it is.
func element(id uint32, parts ...[]byte) []byte {
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	out := make([]byte, 0, 12+size)
	for shift := 24; shift >= 0; shift -= 8 {
		if id>>shift != 0 {
			out = append(out, byte(id>>shift))
		}
	}
	out = binary.BigEndian.AppendUint64(out, uint64(size)|1<<56)
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}

func number(id uint32, value uint64) []byte {
	return element(id, binary.BigEndian.AppendUint64(nil, value))
}

func float(id uint32, value float64) []byte {
	return element(id, binary.BigEndian.AppendUint64(nil, math.Float64bits(value)))
}

func text(id uint32, value string) []byte { return element(id, []byte(value)) }
