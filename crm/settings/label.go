package settings

// Label is what people read, in the languages of the library; an empty one is shown in
// the other language.
type Label struct {
	EN string `json:"en,omitempty"`
	ZH string `json:"zh,omitempty"`
}

// In returns the text in a language, "en" or "zh".
func (l Label) In(language string) string {
	if language == "zh" && l.ZH != "" || l.EN == "" {
		return l.ZH
	}
	return l.EN
}
