package sqlite

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNames(t *testing.T) {
	require.Equal(t, "customer_code_key", uniqueName("constraint failed: UNIQUE constraint failed: crm_customer.tenant_id, crm_customer.code (2067)"))
	require.Equal(t, "price_rule_product_id_day_key",
		uniqueName("constraint failed: UNIQUE constraint failed: crm_price_rule.tenant_id, crm_price_rule.product_id, crm_price_rule.day (2067)"))
	require.Empty(t, uniqueName("constraint failed (19)"))
	require.Equal(t, "contact_customer_id_idx", triggerName("constraint failed: contact_customer_id_idx (1811)"))
	require.Equal(t, "nothing", triggerName("nothing"))
}
