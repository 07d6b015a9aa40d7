package compliance

// MediaFate is what anonymizing a conversation makes of one of its media files (design, section 4).
type MediaFate string

// The fates. FatePlanned is the only one that changes the file.
const (
	// FatePlanned: it can be played, and becomes planned for deletion.
	FatePlanned MediaFate = "PLANNED"
	// FateProtected: it stays, because MiFID says that it must be kept.
	FateProtected MediaFate = "PROTECTED"
	// FateKept: it stays, because the switch for media files is off.
	FateKept MediaFate = "KEPT"
	// FateAlreadyPlanned: an earlier anonymization planned it for deletion.
	FateAlreadyPlanned MediaFate = "ALREADY_PLANNED"
	// FateDeleted: it is gone already.
	FateDeleted MediaFate = "DELETED"
)

// FateOf decides about a file under a selection. Protected says whether MiFID protection holds at that time; one whose date has come does not.
func (s Selection) FateOf(status MediaStatus, protected bool) MediaFate {
	switch {
	case status == MediaDeleted:
		return FateDeleted
	case status == MediaPlanned:
		return FateAlreadyPlanned
	case protected:
		return FateProtected
	case !s.MediaFiles:
		return FateKept
	}
	return FatePlanned
}
