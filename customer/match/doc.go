// Package match finds out which customers are the same (查重): the pure half of
// duplicate detection, which stores nothing and asks nobody.
//
// A [Subject] is a customer, contact or lead with what people typed about it. A
// [Matcher] does three things with subjects:
//
//   - [Matcher.Keys] makes the match keys that a store keeps with an index. Subjects that
//     share none are never compared, so that a check costs as much as the subject has
//     keys (at most [MaxKeys]), with ten thousand customers and with a million.
//     [Candidates] drops the keys that too many share.
//   - [Matcher.Judge] compares two subjects by rules and says what is to be done, and why.
//   - [Matcher.Scan] compares all of a list and returns clusters of the same, with a
//     reason for every edge.
//
// # Normal forms
//
// Keys and comparisons are made from normal forms: the Normalise functions, each of
// which returns the same for the same text always and leaves its own result unchanged.
// What they return changes only with [Version]; whoever stores keys stores it beside them
// and makes the keys again when it differs. Telephone numbers need a table of all
// countries, which is too heavy to stand here: a host gives a [PhoneNormaliser], or
// does with [Digits].
//
// # Rules
//
// A [Rule] is a [Condition] and an [Action]. What a rule blocks is not saved; of what one
// warns, whoever asks before saving is told, and may go on; what is for the report comes up in
// a scan of the whole list only. A scan takes all three. Conditions compare a
// [Field] ([Equal], [Prefix], [Similar]) and combine ([And], [Or], [AtLeast]); they are
// written as JSON both ways ([ParseRules]). What is empty agrees with nothing and
// contradicts nothing. Fields that people confuse (given and family name, street and
// building, city and postcode) are compared crosswise where they agree better so.
// [DefaultRules] are rules to begin with, each with its reason.
//
// A rule finds what shares a key, and nothing else: two customers that agree only in
// region, say, are never compared.
package match
