// Package opportunity holds what one hopes to sell: an [Opportunity] that moves
// through the [Stage]s of a [Pipeline] until it is won or lost.
//
// The verbs [Module.Advance], [Module.Win], [Module.Lose] and [Module.Reopen] take
// the business date on which it happened, which may lie in the past, and write a
// [StageLog] without gaps: each visit ends on the date on which the next begins, and
// there is an open visit exactly while the opportunity is open. They stamp who gets
// the credit at that time; a later handover moves nothing that has been won.
//
// A stage can't be set by editing: Edit and Update refuse a change of what only the
// verbs may change.
package opportunity
