package document

import (
	"context"
	"mime"
	"strings"
	"unicode"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/fault"
)

// Hooks returns the rules of this package that hold for every write.
func Hooks() []session.Hook {
	return []session.Hook{session.Before(Documents, onlyByVerbs), session.Before(Documents, aboutWhatStays), session.Before(Revisions, neverByHand)}
}

// onlyByVerbs keeps an edit from changing what the verbs check, or keep in step with the
// revisions.
func onlyByVerbs(_ context.Context, _ *session.Session, writes []session.Write[Document]) error {
	for _, w := range writes {
		switch {
		case w.New == nil, w.Event == EventAdded, w.Event == EventRevised, w.Event == EventMoved:
		case w.Old == nil:
			return fault.New(fault.Precondition, "a document is stored with its first revision, by Add")
		case w.New.Subject() != w.Old.Subject():
			return fault.New(fault.Precondition, "the subject of a document is changed by Move")
		case w.New.Revision != w.Old.Revision || w.New.File != w.Old.File:
			return fault.New(fault.Precondition, "the content of a document is changed by Revise")
		}
	}
	return nil
}

// neverByHand keeps revisions what the verbs have written: they write them beside the
// collections, and nothing else may.
func neverByHand(context.Context, *session.Session, []session.Write[Revision]) error {
	return fault.New(fault.Precondition, "revisions are written by Add, Revise and Delete")
}

// Check implements session.Checker.
func (d *Document) Check() []fault.Field {
	var offences []fault.Field
	if (d.SubjectKind == "") != d.SubjectID.IsZero() {
		offences = append(offences, fault.Field{Name: "subject_id", Code: "subject", Message: "a subject has a kind and an id"})
	}
	// What a browser or an archive calls a name may be a path; whoever saves the file
	// under it must be able to rely on it.
	if strings.ContainsAny(d.FileName, `/\`) || strings.ContainsFunc(d.FileName, unicode.IsControl) || d.FileName == "." || d.FileName == ".." {
		offences = append(offences, fault.Field{Name: "file_name", Code: "file_name", Message: "a file name has no folders and no control characters"})
	}
	if _, _, err := mime.ParseMediaType(d.MediaType); d.MediaType != "" && (err != nil || !strings.Contains(d.MediaType, "/")) {
		offences = append(offences, fault.Field{Name: "media_type", Code: "media_type", Message: "is no media type"})
	}
	return offences
}
