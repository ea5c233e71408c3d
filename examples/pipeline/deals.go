package main

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// batchSize is the number of rows in one transaction. A commit costs as much as
// several rows; a batch that is lost when the program is killed costs little.
const batchSize = 200

// noReason stands for why a deal was lost, which the files do not tell.
const noReason = "not recorded"

func pipelineID() schema.ID              { return id("pipeline", "") }
func stageID(name string) schema.ID      { return id("stage", name) }
func opportunityID(key string) schema.ID { return id("opportunity", key) }

// names are what the rows of the pipeline may refer to.
type names struct{ people, products, accounts map[string]bool }

func newNames(teams []row[team], products []row[product], accounts []row[account]) names {
	n := names{map[string]bool{}, map[string]bool{}, map[string]bool{"": true}} // an account may be unknown yet
	for _, r := range teams {
		n.people[r.data.Agent] = true
	}
	for _, r := range products {
		n.products[r.data.Name] = true
	}
	for _, r := range accounts {
		n.accounts[r.data.Name] = true
	}
	return n
}

func (n names) check(d deal) error {
	switch {
	case !n.people[d.Agent]:
		return refuse("unknown agent %q", d.Agent)
	case !n.products[d.Product]:
		return refuse("unknown product %q", d.Product)
	case !n.accounts[d.Account]:
		return refuse("unknown account %q", d.Account)
	}
	return nil
}

// importDeals plays every deal through the verbs, with the dates of its row.
func (im *importer) importDeals(ctx context.Context, rows []row[deal], known names) error {
	_, _, err := im.s.Opportunities.CreatePipeline(ctx,
		&opportunity.Pipeline{Meta: record.Meta{ID: pipelineID()}, Name: "Sales"},
		stage(prospecting, opportunity.Open), stage(engaging, opportunity.Open), stage(won, opportunity.Won), stage(lost, opportunity.Lost))
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(rows, batchSize) {
		if err := im.importBatch(ctx, batch, known); err != nil {
			return err
		}
		im.progress(len(batch))
	}
	return nil
}

func stage(name string, state opportunity.State) *opportunity.Stage {
	return &opportunity.Stage{Meta: record.Meta{ID: stageID(name)}, Name: name, State: state}
}

// importBatch asks once which deals of the batch are there already: a second run
// reads a few hundred times and writes nothing.
func (im *importer) importBatch(ctx context.Context, batch []row[deal], known names) error {
	ids := make([]schema.ID, len(batch))
	for i, r := range batch {
		ids[i] = opportunityID(r.data.ID)
	}
	stored := map[schema.ID]opportunity.Opportunity{}
	for o, err := range im.s.Opportunities.All(ctx, query.Select{Where: query.In("id", ids...)}) {
		if err != nil {
			return err
		}
		stored[o.ID] = o
	}
	var missing []row[deal]
	for i, r := range batch {
		o, there := stored[ids[i]]
		switch {
		case !there:
			missing = append(missing, r)
		case shows(&o, r.data):
			im.unchanged++
		default:
			im.problems = append(im.problems, problem{r.place, "the database has this opportunity with other content"})
		}
	}
	if len(missing) == 0 {
		return nil
	}
	created, err := each(ctx, im, missing, func(ctx context.Context, s *crm.Session, d deal) error {
		if err := known.check(d); err != nil {
			return err
		}
		return createDeal(ctx, s, d)
	})
	im.created += len(created)
	return err
}

// createDeal opens an opportunity and moves it to where its row says that it stands.
// Nobody wrote down when a deal in Prospecting began: it begins on the day of the
// import.
func createDeal(ctx context.Context, s *crm.Session, d deal) error {
	o := opportunityOf(d)
	if d.Stage == won || d.Stage == lost {
		o.Amount = decimal.NullDecimal{} // known in the end only
	}
	if _, err := s.Opportunities.Create(ctx, o); err != nil || d.Stage == prospecting {
		return err
	}
	if _, err := s.Opportunities.Advance(ctx, o.ID, opportunity.Move{On: d.Engaged}); err != nil {
		return err
	}
	var err error
	switch d.Stage {
	case won:
		_, err = s.Opportunities.Win(ctx, o.ID, opportunity.Outcome{On: d.Closed, Amount: d.Value})
	case lost:
		_, err = s.Opportunities.Lose(ctx, o.ID, opportunity.Outcome{On: d.Closed, Amount: d.Value, Reason: noReason})
	}
	return err
}

func opportunityOf(d deal) *opportunity.Opportunity {
	o := &opportunity.Opportunity{
		Meta:  record.Meta{ID: opportunityID(d.ID)},
		Owned: record.Owned{OwnerID: personID(d.Agent)},
		Name:  d.Product + " " + d.ID, PipelineID: pipelineID(), ProductID: productID(d.Product),
		OpenedOn: d.Engaged, Amount: d.Value,
	}
	if d.Account != "" {
		o.CustomerID = customerID(d.Account)
	}
	return o
}

// shows reports whether a stored opportunity is what the row tells.
func shows(o *opportunity.Opportunity, d deal) bool {
	want := opportunityOf(d)
	return o.OwnerID == want.OwnerID && o.CustomerID == want.CustomerID && o.ProductID == want.ProductID &&
		o.StageID == stageID(d.Stage) && o.ClosedOn == d.Closed &&
		(o.OpenedOn == d.Engaged || d.Stage == prospecting) &&
		o.Amount.Valid == d.Value.Valid && o.Amount.Decimal.Equal(d.Value.Decimal)
}
