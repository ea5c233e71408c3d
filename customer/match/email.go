package match

import "strings"

// NormaliseEmail returns an e-mail address (邮箱) in lower case and half width, without
// the name it may be written with ("Li Na <li.na@example.com>"). Where the provider
// delivers them to the same person, dots and what follows a plus are left out (Gmail).
// What is no address gives "". The result is its own normal form.
func NormaliseEmail(address string) string {
	s := fold(address)
	if _, after, found := strings.Cut(s, "<"); found {
		s, _, _ = strings.Cut(after, ">")
	}
	for rest, found := strings.CutPrefix(s, "mailto:"); found; rest, found = strings.CutPrefix(s, "mailto:") {
		s = strings.TrimSpace(rest)
	}
	local, host, found := strings.Cut(s, "@")
	host = strings.TrimRight(host, ".")
	if !found || local == "" || strings.ContainsAny(s, " ,;<>()\"") || !isHost(host) {
		return ""
	}
	if host == "googlemail.com" {
		host = "gmail.com"
	}
	if host == "gmail.com" {
		name, _, _ := strings.Cut(local, "+")
		name = strings.ReplaceAll(name, ".", "")
		if name == "" {
			return ""
		}
		local = name
	}
	return local + "@" + host
}

// NormaliseDomain returns the domain (域名) of a web or e-mail address: the host in
// lower case without "www.". Domains under which anybody may have a mailbox (qq.com,
// gmail.com) say nothing about who it is and give "", and so does what is no address.
// The result is its own normal form.
func NormaliseDomain(address string) string {
	s := fold(address)
	if _, after, found := strings.Cut(s, "://"); found {
		s = after
	}
	if end := strings.IndexAny(s, "/?#"); end >= 0 {
		s = s[:end]
	}
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		s = strings.TrimSuffix(s[at+1:], ">")
	}
	s, _, _ = strings.Cut(s, ":")
	s = strings.TrimRight(s, ".")
	for strings.HasPrefix(s, "www.") {
		s = s[len("www."):]
	}
	if !isHost(s) || isFreeMail(s) {
		return ""
	}
	return s
}

// isHost reports whether s could be the name of a host: two labels of letters, digits
// and hyphens at least, the last not a number.
func isHost(s string) bool {
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || strings.ContainsFunc(label, func(r rune) bool { return r != '-' && !isWord(r) }) {
			return false
		}
	}
	return len(labels) > 1 && strings.ContainsFunc(labels[len(labels)-1], func(r rune) bool { return !isDigit(r) })
}

// freeMail are domains where anybody may have a mailbox, and those below them
// (vip.163.com). A first label alone stands for that provider in every country.
var freeMail = map[string]bool{
	"qq.com": true, "foxmail.com": true, "163.com": true, "126.com": true, "yeah.net": true, "188.com": true, "139.com": true,
	"189.cn": true, "wo.cn": true, "sina.com": true, "sina.cn": true, "sina.com.cn": true, "sohu.com": true, "tom.com": true,
	"21cn.com": true, "aliyun.com": true, "263.net": true, "eyou.com": true, "china.com": true, "chinaren.com": true,
	"gmail.com": true, "googlemail.com": true, "icloud.com": true, "me.com": true, "mac.com": true, "aol.com": true, "msn.com": true,
	"proton.me": true, "protonmail.com": true, "pm.me": true, "tutanota.com": true, "tuta.io": true, "fastmail.com": true, "hey.com": true,
	"zoho.com": true, "zohomail.com": true, "mail.com": true, "email.com": true, "inbox.com": true, "mail.ru": true, "inbox.ru": true,
	"list.ru": true, "bk.ru": true, "rambler.ru": true, "web.de": true, "freenet.de": true, "t-online.de": true, "arcor.de": true,
	"orange.fr": true, "wanadoo.fr": true, "free.fr": true, "sfr.fr": true, "laposte.net": true, "libero.it": true, "virgilio.it": true,
	"tiscali.it": true, "bluewin.ch": true, "seznam.cz": true, "wp.pl": true, "o2.pl": true, "onet.pl": true, "interia.pl": true,
	"comcast.net": true, "verizon.net": true, "att.net": true, "sbcglobal.net": true, "cox.net": true, "charter.net": true,
	"btinternet.com": true, "sky.com": true, "bigpond.com": true, "naver.com": true, "daum.net": true, "hanmail.net": true,
	"rediffmail.com": true, "uol.com.br": true, "bol.com.br": true, "terra.com.br": true, "ymail.com": true, "rocketmail.com": true,
	"yahoo": true, "hotmail": true, "outlook": true, "live": true, "gmx": true, "yandex": true,
}

func isFreeMail(domain string) bool {
	for rest := domain; ; {
		first, after, more := strings.Cut(rest, ".")
		if !more {
			return false
		}
		if freeMail[rest] || freeMail[first] && len(after) <= len("com.au") {
			return true
		}
		rest = after
	}
}
