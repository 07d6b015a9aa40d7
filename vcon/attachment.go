package vcon

import "strings"

// attachment is an attachment of the vCon with its body as JSON; a string where it is a file or a text.
type attachment struct {
	object
	name string
	body any
}

func (r *reader) readAttachments() error {
	list, err := r.root.objects("attachments")
	if err != nil {
		return err
	}
	r.attachments = make([]attachment, 0, len(list))
	for _, o := range list {
		a := attachment{object: o}
		if a.name, err = o.text("type", "purpose"); err != nil {
			return err
		}
		if o.has("body") && !isFile(o) {
			if a.body, err = r.jsonBody(o); err != nil {
				return err
			}
		}
		r.attachments = append(r.attachments, a)
	}
	return nil
}

// isFile reports whether an attachment says that it is something else than JSON: a file, which is not kept.
func isFile(o object) bool {
	base := (&dialog{mediaType: o.scalar("mediatype") + o.scalar("mimetype")}).baseMediaType()
	_, isText := o.members["body"].(string)
	return isText && base != "" && base != "text/plain" && !strings.HasSuffix(base, "json")
}
