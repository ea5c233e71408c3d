CREATE TABLE "crm_migration" ("number" INTEGER PRIMARY KEY, "name" TEXT NOT NULL, "applied_at" INTEGER NOT NULL);
CREATE TABLE "crm_tenant_state" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"organisation" INTEGER NOT NULL CHECK (typeof("organisation") = 'integer'),
	"settings" INTEGER NOT NULL CHECK (typeof("settings") = 'integer'),
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_dictionary_entry" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"dictionary" TEXT NOT NULL,
	"code" TEXT NOT NULL,
	"label" TEXT,
	"position" INTEGER NOT NULL CHECK (typeof("position") = 'integer'),
	"retired" INTEGER NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_custom_field" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"kind" TEXT NOT NULL,
	"name" TEXT NOT NULL,
	"label" TEXT,
	"type" TEXT NOT NULL,
	"scale" INTEGER NOT NULL CHECK (typeof("scale") = 'integer'),
	"max" INTEGER NOT NULL CHECK (typeof("max") = 'integer'),
	"required" INTEGER NOT NULL,
	"choices" TEXT,
	"retired" INTEGER NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_number_rule" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"kind" TEXT NOT NULL,
	"field" TEXT NOT NULL,
	"pattern" TEXT NOT NULL,
	"reset" TEXT NOT NULL,
	"block" INTEGER NOT NULL CHECK (typeof("block") = 'integer'),
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_number_counter" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"last" INTEGER NOT NULL CHECK (typeof("last") = 'integer'),
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_view" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"owner_id" TEXT,
	"department_id" TEXT,
	"name" TEXT NOT NULL,
	"kind" TEXT NOT NULL,
	"query" TEXT,
	"columns" TEXT,
	"hint" TEXT,
	"role" TEXT NOT NULL,
	"name_fold" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_view_pin" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"employee_id" TEXT NOT NULL,
	"view_id" TEXT NOT NULL,
	"position" INTEGER NOT NULL CHECK (typeof("position") = 'integer'),
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_department" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"name" TEXT NOT NULL,
	"code" TEXT NOT NULL,
	"parent_id" TEXT,
	"name_fold" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_employee" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"name" TEXT NOT NULL,
	"code" TEXT NOT NULL,
	"host_user" TEXT NOT NULL,
	"manager_id" TEXT,
	"department_id" TEXT,
	"roles" TEXT,
	"inactive" INTEGER NOT NULL,
	"name_fold" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_role" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"name" TEXT NOT NULL,
	"grants" TEXT,
	"fields" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_share" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"kind" TEXT NOT NULL,
	"record_id" TEXT NOT NULL,
	"record_created_at" INTEGER NOT NULL,
	"principal_id" TEXT NOT NULL,
	"level" INTEGER NOT NULL CHECK (typeof("level") = 'integer'),
	"cause" TEXT NOT NULL,
	"expires_at" INTEGER,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_reach" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"ancestor_id" TEXT NOT NULL,
	"descendant_id" TEXT NOT NULL,
	"depth" INTEGER NOT NULL CHECK (typeof("depth") = 'integer'),
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_sharing_rule" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"name" TEXT NOT NULL,
	"kind" TEXT NOT NULL,
	"from" TEXT,
	"where" TEXT,
	"to" TEXT,
	"level" INTEGER NOT NULL CHECK (typeof("level") = 'integer'),
	"until" INTEGER,
	"disabled" INTEGER NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_deputy" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"employee_id" TEXT NOT NULL,
	"deputy_id" TEXT NOT NULL,
	"from" INTEGER NOT NULL,
	"until" INTEGER NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_posting" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"employee_id" TEXT NOT NULL,
	"manager_id" TEXT,
	"department_id" TEXT,
	"inactive" INTEGER NOT NULL,
	"from" INTEGER NOT NULL,
	"until" INTEGER,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_journal_entry" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"at" INTEGER NOT NULL,
	"actor_id" TEXT,
	"actor" TEXT NOT NULL,
	"kind" TEXT NOT NULL,
	"record_id" TEXT,
	"record_version" INTEGER NOT NULL CHECK (typeof("record_version") = 'integer'),
	"event" TEXT NOT NULL,
	"changes" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_outbox" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"kind" TEXT NOT NULL,
	"record_id" TEXT,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_lease" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"job" TEXT NOT NULL,
	"holder" TEXT,
	"until" INTEGER,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_turn" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"name" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_product" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"name" TEXT NOT NULL,
	"code" TEXT NOT NULL,
	"series" TEXT NOT NULL,
	"list_price" INTEGER CHECK (typeof("list_price") IN ('integer', 'null') AND "list_price" >= -9223372036854775807),
	"name_fold" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_customer" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"owner_id" TEXT,
	"department_id" TEXT,
	"name" TEXT NOT NULL,
	"short_name" TEXT NOT NULL,
	"code" TEXT NOT NULL,
	"parent_id" TEXT,
	"status" TEXT NOT NULL,
	"industry" TEXT NOT NULL,
	"country" TEXT NOT NULL,
	"phone" TEXT NOT NULL,
	"annual_revenue" INTEGER CHECK (typeof("annual_revenue") IN ('integer', 'null') AND "annual_revenue" >= -9223372036854775807),
	"employees" INTEGER CHECK (typeof("employees") IN ('integer', 'null')),
	"name_fold" TEXT NOT NULL,
	"short_name_fold" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_contact" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"customer_id" TEXT NOT NULL,
	"name" TEXT NOT NULL,
	"title" TEXT NOT NULL,
	"phone" TEXT NOT NULL,
	"email" TEXT NOT NULL,
	"name_fold" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_pipeline" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"name" TEXT NOT NULL,
	"allow_skip" INTEGER NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_stage" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"pipeline_id" TEXT,
	"name" TEXT NOT NULL,
	"position" INTEGER NOT NULL CHECK (typeof("position") = 'integer'),
	"state" TEXT NOT NULL,
	"probability" INTEGER NOT NULL CHECK (typeof("probability") = 'integer' AND "probability" >= -9223372036854775807),
	"standard_days" INTEGER CHECK (typeof("standard_days") IN ('integer', 'null')),
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_opportunity" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"owner_id" TEXT,
	"department_id" TEXT,
	"credit_owner_id" TEXT,
	"credit_manager_id" TEXT,
	"credit_department_id" TEXT,
	"name" TEXT NOT NULL,
	"customer_id" TEXT,
	"product_id" TEXT,
	"pipeline_id" TEXT,
	"amount" INTEGER CHECK (typeof("amount") IN ('integer', 'null') AND "amount" >= -9223372036854775807),
	"expected_close" INTEGER,
	"stage_id" TEXT,
	"opened_on" INTEGER,
	"state" TEXT NOT NULL,
	"stage_since" INTEGER,
	"closed_on" INTEGER,
	"days_to_close" INTEGER CHECK (typeof("days_to_close") IN ('integer', 'null')),
	"last_stage_id" TEXT,
	"furthest" INTEGER NOT NULL CHECK (typeof("furthest") = 'integer'),
	"reason" TEXT NOT NULL,
	"visits" INTEGER NOT NULL CHECK (typeof("visits") = 'integer'),
	"name_fold" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_stage_log" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"credit_owner_id" TEXT,
	"credit_manager_id" TEXT,
	"credit_department_id" TEXT,
	"opportunity_id" TEXT NOT NULL,
	"seq" INTEGER NOT NULL CHECK (typeof("seq") = 'integer'),
	"stage_id" TEXT,
	"entered_on" INTEGER,
	"left_on" INTEGER,
	"days" INTEGER CHECK (typeof("days") IN ('integer', 'null')),
	"reason" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE INDEX "crm_dictionary_entry_created_at_idx" ON "crm_dictionary_entry" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_dictionary_entry_dictionary_code_key" ON "crm_dictionary_entry" ("tenant_id", "dictionary", "code") WHERE "dictionary" <> '' AND "code" <> '';
CREATE INDEX "crm_custom_field_created_at_idx" ON "crm_custom_field" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_custom_field_kind_name_key" ON "crm_custom_field" ("tenant_id", "kind", "name") WHERE "kind" <> '' AND "name" <> '';
CREATE INDEX "crm_number_rule_created_at_idx" ON "crm_number_rule" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_number_rule_kind_field_key" ON "crm_number_rule" ("tenant_id", "kind", "field") WHERE "kind" <> '' AND "field" <> '';
CREATE INDEX "crm_view_created_at_idx" ON "crm_view" ("tenant_id", "created_at", "id", "owner_id", "department_id");
CREATE INDEX "crm_view_owner_id_created_at_idx" ON "crm_view" ("tenant_id", "owner_id", "created_at", "id");
CREATE INDEX "crm_view_department_id_created_at_idx" ON "crm_view" ("tenant_id", "department_id", "created_at", "id", "owner_id");
CREATE INDEX "crm_view_kind_name_idx" ON "crm_view" ("tenant_id", "kind", "name", "id");
CREATE INDEX "crm_view_pin_created_at_idx" ON "crm_view_pin" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_view_pin_employee_id_view_id_key" ON "crm_view_pin" ("tenant_id", "employee_id", "view_id");
CREATE INDEX "crm_view_pin_employee_id_idx" ON "crm_view_pin" ("tenant_id", "employee_id", "id");
CREATE INDEX "crm_view_pin_view_id_idx" ON "crm_view_pin" ("tenant_id", "view_id", "id");
CREATE INDEX "crm_department_created_at_idx" ON "crm_department" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_department_code_key" ON "crm_department" ("tenant_id", "code") WHERE "code" <> '';
CREATE INDEX "crm_department_parent_id_idx" ON "crm_department" ("tenant_id", "parent_id", "id");
CREATE INDEX "crm_employee_created_at_idx" ON "crm_employee" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_employee_code_key" ON "crm_employee" ("tenant_id", "code") WHERE "code" <> '';
CREATE UNIQUE INDEX "crm_employee_host_user_key" ON "crm_employee" ("tenant_id", "host_user") WHERE "host_user" <> '';
CREATE INDEX "crm_employee_manager_id_idx" ON "crm_employee" ("tenant_id", "manager_id", "id");
CREATE INDEX "crm_employee_department_id_idx" ON "crm_employee" ("tenant_id", "department_id", "id");
CREATE INDEX "crm_role_created_at_idx" ON "crm_role" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_role_name_key" ON "crm_role" ("tenant_id", "name") WHERE "name" <> '';
CREATE INDEX "crm_share_created_at_idx" ON "crm_share" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_share_kind_record_id_principal_id_cause_key" ON "crm_share" ("tenant_id", "kind", "record_id", "principal_id", "cause") WHERE "kind" <> '' AND "cause" <> '';
CREATE INDEX "crm_share_kind_principal_id_record_created_at_record_id_idx" ON "crm_share" ("tenant_id", "kind", "principal_id", "record_created_at", "record_id", "id");
CREATE INDEX "crm_share_kind_record_id_principal_id_idx" ON "crm_share" ("tenant_id", "kind", "record_id", "principal_id", "id");
CREATE UNIQUE INDEX "crm_reach_ancestor_id_descendant_id_key" ON "crm_reach" ("tenant_id", "ancestor_id", "descendant_id");
CREATE INDEX "crm_reach_descendant_id_idx" ON "crm_reach" ("tenant_id", "descendant_id", "id");
CREATE INDEX "crm_sharing_rule_created_at_idx" ON "crm_sharing_rule" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_deputy_created_at_idx" ON "crm_deputy" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_deputy_employee_id_idx" ON "crm_deputy" ("tenant_id", "employee_id", "id");
CREATE INDEX "crm_deputy_deputy_id_idx" ON "crm_deputy" ("tenant_id", "deputy_id", "id");
CREATE INDEX "crm_posting_created_at_idx" ON "crm_posting" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_posting_employee_id_from_key" ON "crm_posting" ("tenant_id", "employee_id", "from");
CREATE INDEX "crm_posting_employee_id_idx" ON "crm_posting" ("tenant_id", "employee_id", "id");
CREATE INDEX "crm_journal_entry_kind_record_id_record_version_idx" ON "crm_journal_entry" ("tenant_id", "kind", "record_id", "record_version", "id");
CREATE INDEX "crm_journal_entry_at_idx" ON "crm_journal_entry" ("tenant_id", "at", "id");
CREATE INDEX "crm_outbox_record_id_version_idx" ON "crm_outbox" ("tenant_id", "record_id", "version", "id");
CREATE INDEX "crm_product_created_at_idx" ON "crm_product" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_product_code_key" ON "crm_product" ("tenant_id", "code") WHERE "code" <> '';
CREATE INDEX "crm_product_name_idx" ON "crm_product" ("tenant_id", "name", "id");
CREATE INDEX "crm_customer_created_at_idx" ON "crm_customer" ("tenant_id", "created_at", "id", "owner_id", "department_id");
CREATE INDEX "crm_customer_owner_id_created_at_idx" ON "crm_customer" ("tenant_id", "owner_id", "created_at", "id");
CREATE INDEX "crm_customer_department_id_created_at_idx" ON "crm_customer" ("tenant_id", "department_id", "created_at", "id", "owner_id");
CREATE UNIQUE INDEX "crm_customer_code_key" ON "crm_customer" ("tenant_id", "code") WHERE "code" <> '';
CREATE INDEX "crm_customer_phone_idx" ON "crm_customer" ("tenant_id", "phone", "id");
CREATE INDEX "crm_customer_parent_id_idx" ON "crm_customer" ("tenant_id", "parent_id", "id");
CREATE INDEX "crm_contact_created_at_idx" ON "crm_contact" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_contact_phone_idx" ON "crm_contact" ("tenant_id", "phone", "id");
CREATE INDEX "crm_contact_email_idx" ON "crm_contact" ("tenant_id", "email", "id");
CREATE INDEX "crm_contact_customer_id_idx" ON "crm_contact" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_pipeline_created_at_idx" ON "crm_pipeline" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_pipeline_name_key" ON "crm_pipeline" ("tenant_id", "name") WHERE "name" <> '';
CREATE INDEX "crm_stage_created_at_idx" ON "crm_stage" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_stage_pipeline_id_position_key" ON "crm_stage" ("tenant_id", "pipeline_id", "position") WHERE "pipeline_id" IS NOT NULL;
CREATE UNIQUE INDEX "crm_stage_pipeline_id_name_key" ON "crm_stage" ("tenant_id", "pipeline_id", "name") WHERE "pipeline_id" IS NOT NULL AND "name" <> '';
CREATE INDEX "crm_stage_pipeline_id_idx" ON "crm_stage" ("tenant_id", "pipeline_id", "id");
CREATE INDEX "crm_opportunity_created_at_idx" ON "crm_opportunity" ("tenant_id", "created_at", "id", "owner_id", "department_id");
CREATE INDEX "crm_opportunity_owner_id_created_at_idx" ON "crm_opportunity" ("tenant_id", "owner_id", "created_at", "id");
CREATE INDEX "crm_opportunity_department_id_created_at_idx" ON "crm_opportunity" ("tenant_id", "department_id", "created_at", "id", "owner_id");
CREATE INDEX "crm_opportunity_credit_owner_id_idx" ON "crm_opportunity" ("tenant_id", "credit_owner_id", "id");
CREATE INDEX "crm_opportunity_credit_manager_id_idx" ON "crm_opportunity" ("tenant_id", "credit_manager_id", "id");
CREATE INDEX "crm_opportunity_credit_department_id_idx" ON "crm_opportunity" ("tenant_id", "credit_department_id", "id");
CREATE INDEX "crm_opportunity_state_closed_on_idx" ON "crm_opportunity" ("tenant_id", "state", "closed_on", "id");
CREATE INDEX "crm_opportunity_customer_id_idx" ON "crm_opportunity" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_opportunity_product_id_idx" ON "crm_opportunity" ("tenant_id", "product_id", "id");
CREATE INDEX "crm_opportunity_pipeline_id_idx" ON "crm_opportunity" ("tenant_id", "pipeline_id", "id");
CREATE INDEX "crm_opportunity_stage_id_idx" ON "crm_opportunity" ("tenant_id", "stage_id", "id");
CREATE INDEX "crm_opportunity_last_stage_id_idx" ON "crm_opportunity" ("tenant_id", "last_stage_id", "id");
CREATE INDEX "crm_stage_log_created_at_idx" ON "crm_stage_log" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_stage_log_credit_owner_id_idx" ON "crm_stage_log" ("tenant_id", "credit_owner_id", "id");
CREATE INDEX "crm_stage_log_credit_manager_id_idx" ON "crm_stage_log" ("tenant_id", "credit_manager_id", "id");
CREATE INDEX "crm_stage_log_credit_department_id_idx" ON "crm_stage_log" ("tenant_id", "credit_department_id", "id");
CREATE UNIQUE INDEX "crm_stage_log_opportunity_id_seq_key" ON "crm_stage_log" ("tenant_id", "opportunity_id", "seq");
CREATE INDEX "crm_stage_log_opportunity_id_idx" ON "crm_stage_log" ("tenant_id", "opportunity_id", "id");
CREATE INDEX "crm_stage_log_stage_id_idx" ON "crm_stage_log" ("tenant_id", "stage_id", "id");
CREATE TRIGGER "crm_view_owner_id_idx_ins" BEFORE INSERT ON "crm_view" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'view_owner_id_idx'); END;
CREATE TRIGGER "crm_view_owner_id_idx_upd" BEFORE UPDATE OF "owner_id" ON "crm_view" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'view_owner_id_idx'); END;
CREATE TRIGGER "crm_view_owner_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_view" WHERE "tenant_id" = OLD."tenant_id" AND "owner_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'view_owner_id_idx'); END;
CREATE TRIGGER "crm_view_department_id_idx_ins" BEFORE INSERT ON "crm_view" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'view_department_id_idx'); END;
CREATE TRIGGER "crm_view_department_id_idx_upd" BEFORE UPDATE OF "department_id" ON "crm_view" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'view_department_id_idx'); END;
CREATE TRIGGER "crm_view_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_view" WHERE "tenant_id" = OLD."tenant_id" AND "department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'view_department_id_idx'); END;
CREATE TRIGGER "crm_view_pin_employee_id_idx_ins" BEFORE INSERT ON "crm_view_pin" WHEN NEW."employee_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."employee_id") BEGIN SELECT RAISE(ABORT, 'view_pin_employee_id_idx'); END;
CREATE TRIGGER "crm_view_pin_employee_id_idx_upd" BEFORE UPDATE OF "employee_id" ON "crm_view_pin" WHEN NEW."employee_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."employee_id") BEGIN SELECT RAISE(ABORT, 'view_pin_employee_id_idx'); END;
CREATE TRIGGER "crm_view_pin_employee_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_view_pin" WHERE "tenant_id" = OLD."tenant_id" AND "employee_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'view_pin_employee_id_idx'); END;
CREATE TRIGGER "crm_view_pin_view_id_idx_ins" BEFORE INSERT ON "crm_view_pin" WHEN NEW."view_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_view" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."view_id") BEGIN SELECT RAISE(ABORT, 'view_pin_view_id_idx'); END;
CREATE TRIGGER "crm_view_pin_view_id_idx_upd" BEFORE UPDATE OF "view_id" ON "crm_view_pin" WHEN NEW."view_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_view" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."view_id") BEGIN SELECT RAISE(ABORT, 'view_pin_view_id_idx'); END;
CREATE TRIGGER "crm_view_pin_view_id_idx_del" BEFORE DELETE ON "crm_view" WHEN EXISTS (SELECT 1 FROM "crm_view_pin" WHERE "tenant_id" = OLD."tenant_id" AND "view_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'view_pin_view_id_idx'); END;
CREATE TRIGGER "crm_department_parent_id_idx_ins" BEFORE INSERT ON "crm_department" WHEN NEW."parent_id" IS NOT NULL AND NEW."parent_id" <> NEW."id" AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."parent_id") BEGIN SELECT RAISE(ABORT, 'department_parent_id_idx'); END;
CREATE TRIGGER "crm_department_parent_id_idx_upd" BEFORE UPDATE OF "parent_id" ON "crm_department" WHEN NEW."parent_id" IS NOT NULL AND NEW."parent_id" <> NEW."id" AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."parent_id") BEGIN SELECT RAISE(ABORT, 'department_parent_id_idx'); END;
CREATE TRIGGER "crm_department_parent_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = OLD."tenant_id" AND "parent_id" = OLD."id" AND "id" <> OLD."id") BEGIN SELECT RAISE(ABORT, 'department_parent_id_idx'); END;
CREATE TRIGGER "crm_employee_manager_id_idx_ins" BEFORE INSERT ON "crm_employee" WHEN NEW."manager_id" IS NOT NULL AND NEW."manager_id" <> NEW."id" AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."manager_id") BEGIN SELECT RAISE(ABORT, 'employee_manager_id_idx'); END;
CREATE TRIGGER "crm_employee_manager_id_idx_upd" BEFORE UPDATE OF "manager_id" ON "crm_employee" WHEN NEW."manager_id" IS NOT NULL AND NEW."manager_id" <> NEW."id" AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."manager_id") BEGIN SELECT RAISE(ABORT, 'employee_manager_id_idx'); END;
CREATE TRIGGER "crm_employee_manager_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = OLD."tenant_id" AND "manager_id" = OLD."id" AND "id" <> OLD."id") BEGIN SELECT RAISE(ABORT, 'employee_manager_id_idx'); END;
CREATE TRIGGER "crm_employee_department_id_idx_ins" BEFORE INSERT ON "crm_employee" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'employee_department_id_idx'); END;
CREATE TRIGGER "crm_employee_department_id_idx_upd" BEFORE UPDATE OF "department_id" ON "crm_employee" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'employee_department_id_idx'); END;
CREATE TRIGGER "crm_employee_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = OLD."tenant_id" AND "department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'employee_department_id_idx'); END;
CREATE TRIGGER "crm_deputy_employee_id_idx_ins" BEFORE INSERT ON "crm_deputy" WHEN NEW."employee_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."employee_id") BEGIN SELECT RAISE(ABORT, 'deputy_employee_id_idx'); END;
CREATE TRIGGER "crm_deputy_employee_id_idx_upd" BEFORE UPDATE OF "employee_id" ON "crm_deputy" WHEN NEW."employee_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."employee_id") BEGIN SELECT RAISE(ABORT, 'deputy_employee_id_idx'); END;
CREATE TRIGGER "crm_deputy_employee_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_deputy" WHERE "tenant_id" = OLD."tenant_id" AND "employee_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'deputy_employee_id_idx'); END;
CREATE TRIGGER "crm_deputy_deputy_id_idx_ins" BEFORE INSERT ON "crm_deputy" WHEN NEW."deputy_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."deputy_id") BEGIN SELECT RAISE(ABORT, 'deputy_deputy_id_idx'); END;
CREATE TRIGGER "crm_deputy_deputy_id_idx_upd" BEFORE UPDATE OF "deputy_id" ON "crm_deputy" WHEN NEW."deputy_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."deputy_id") BEGIN SELECT RAISE(ABORT, 'deputy_deputy_id_idx'); END;
CREATE TRIGGER "crm_deputy_deputy_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_deputy" WHERE "tenant_id" = OLD."tenant_id" AND "deputy_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'deputy_deputy_id_idx'); END;
CREATE TRIGGER "crm_posting_employee_id_idx_ins" BEFORE INSERT ON "crm_posting" WHEN NEW."employee_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."employee_id") BEGIN SELECT RAISE(ABORT, 'posting_employee_id_idx'); END;
CREATE TRIGGER "crm_posting_employee_id_idx_upd" BEFORE UPDATE OF "employee_id" ON "crm_posting" WHEN NEW."employee_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."employee_id") BEGIN SELECT RAISE(ABORT, 'posting_employee_id_idx'); END;
CREATE TRIGGER "crm_posting_employee_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_posting" WHERE "tenant_id" = OLD."tenant_id" AND "employee_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'posting_employee_id_idx'); END;
CREATE TRIGGER "crm_customer_owner_id_idx_ins" BEFORE INSERT ON "crm_customer" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'customer_owner_id_idx'); END;
CREATE TRIGGER "crm_customer_owner_id_idx_upd" BEFORE UPDATE OF "owner_id" ON "crm_customer" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'customer_owner_id_idx'); END;
CREATE TRIGGER "crm_customer_owner_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = OLD."tenant_id" AND "owner_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'customer_owner_id_idx'); END;
CREATE TRIGGER "crm_customer_department_id_idx_ins" BEFORE INSERT ON "crm_customer" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'customer_department_id_idx'); END;
CREATE TRIGGER "crm_customer_department_id_idx_upd" BEFORE UPDATE OF "department_id" ON "crm_customer" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'customer_department_id_idx'); END;
CREATE TRIGGER "crm_customer_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = OLD."tenant_id" AND "department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'customer_department_id_idx'); END;
CREATE TRIGGER "crm_customer_parent_id_idx_ins" BEFORE INSERT ON "crm_customer" WHEN NEW."parent_id" IS NOT NULL AND NEW."parent_id" <> NEW."id" AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."parent_id") BEGIN SELECT RAISE(ABORT, 'customer_parent_id_idx'); END;
CREATE TRIGGER "crm_customer_parent_id_idx_upd" BEFORE UPDATE OF "parent_id" ON "crm_customer" WHEN NEW."parent_id" IS NOT NULL AND NEW."parent_id" <> NEW."id" AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."parent_id") BEGIN SELECT RAISE(ABORT, 'customer_parent_id_idx'); END;
CREATE TRIGGER "crm_customer_parent_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = OLD."tenant_id" AND "parent_id" = OLD."id" AND "id" <> OLD."id") BEGIN SELECT RAISE(ABORT, 'customer_parent_id_idx'); END;
CREATE TRIGGER "crm_contact_customer_id_idx_ins" BEFORE INSERT ON "crm_contact" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'contact_customer_id_idx'); END;
CREATE TRIGGER "crm_contact_customer_id_idx_upd" BEFORE UPDATE OF "customer_id" ON "crm_contact" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'contact_customer_id_idx'); END;
CREATE TRIGGER "crm_contact_customer_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_contact" WHERE "tenant_id" = OLD."tenant_id" AND "customer_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'contact_customer_id_idx'); END;
CREATE TRIGGER "crm_stage_pipeline_id_idx_ins" BEFORE INSERT ON "crm_stage" WHEN NEW."pipeline_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_pipeline" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."pipeline_id") BEGIN SELECT RAISE(ABORT, 'stage_pipeline_id_idx'); END;
CREATE TRIGGER "crm_stage_pipeline_id_idx_upd" BEFORE UPDATE OF "pipeline_id" ON "crm_stage" WHEN NEW."pipeline_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_pipeline" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."pipeline_id") BEGIN SELECT RAISE(ABORT, 'stage_pipeline_id_idx'); END;
CREATE TRIGGER "crm_stage_pipeline_id_idx_del" BEFORE DELETE ON "crm_pipeline" WHEN EXISTS (SELECT 1 FROM "crm_stage" WHERE "tenant_id" = OLD."tenant_id" AND "pipeline_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'stage_pipeline_id_idx'); END;
CREATE TRIGGER "crm_opportunity_owner_id_idx_ins" BEFORE INSERT ON "crm_opportunity" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'opportunity_owner_id_idx'); END;
CREATE TRIGGER "crm_opportunity_owner_id_idx_upd" BEFORE UPDATE OF "owner_id" ON "crm_opportunity" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'opportunity_owner_id_idx'); END;
CREATE TRIGGER "crm_opportunity_owner_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = OLD."tenant_id" AND "owner_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'opportunity_owner_id_idx'); END;
CREATE TRIGGER "crm_opportunity_department_id_idx_ins" BEFORE INSERT ON "crm_opportunity" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'opportunity_department_id_idx'); END;
CREATE TRIGGER "crm_opportunity_department_id_idx_upd" BEFORE UPDATE OF "department_id" ON "crm_opportunity" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'opportunity_department_id_idx'); END;
CREATE TRIGGER "crm_opportunity_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = OLD."tenant_id" AND "department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'opportunity_department_id_idx'); END;
CREATE TRIGGER "crm_opportunity_credit_owner_id_idx_ins" BEFORE INSERT ON "crm_opportunity" WHEN NEW."credit_owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_owner_id") BEGIN SELECT RAISE(ABORT, 'opportunity_credit_owner_id_idx'); END;
CREATE TRIGGER "crm_opportunity_credit_owner_id_idx_upd" BEFORE UPDATE OF "credit_owner_id" ON "crm_opportunity" WHEN NEW."credit_owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_owner_id") BEGIN SELECT RAISE(ABORT, 'opportunity_credit_owner_id_idx'); END;
CREATE TRIGGER "crm_opportunity_credit_owner_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = OLD."tenant_id" AND "credit_owner_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'opportunity_credit_owner_id_idx'); END;
CREATE TRIGGER "crm_opportunity_credit_manager_id_idx_ins" BEFORE INSERT ON "crm_opportunity" WHEN NEW."credit_manager_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_manager_id") BEGIN SELECT RAISE(ABORT, 'opportunity_credit_manager_id_idx'); END;
CREATE TRIGGER "crm_opportunity_credit_manager_id_idx_upd" BEFORE UPDATE OF "credit_manager_id" ON "crm_opportunity" WHEN NEW."credit_manager_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_manager_id") BEGIN SELECT RAISE(ABORT, 'opportunity_credit_manager_id_idx'); END;
CREATE TRIGGER "crm_opportunity_credit_manager_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = OLD."tenant_id" AND "credit_manager_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'opportunity_credit_manager_id_idx'); END;
CREATE TRIGGER "crm_opportunity_credit_department_id_idx_ins" BEFORE INSERT ON "crm_opportunity" WHEN NEW."credit_department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_department_id") BEGIN SELECT RAISE(ABORT, 'opportunity_credit_department_id_idx'); END;
CREATE TRIGGER "crm_opportunity_credit_department_id_idx_upd" BEFORE UPDATE OF "credit_department_id" ON "crm_opportunity" WHEN NEW."credit_department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_department_id") BEGIN SELECT RAISE(ABORT, 'opportunity_credit_department_id_idx'); END;
CREATE TRIGGER "crm_opportunity_credit_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = OLD."tenant_id" AND "credit_department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'opportunity_credit_department_id_idx'); END;
CREATE TRIGGER "crm_opportunity_customer_id_idx_ins" BEFORE INSERT ON "crm_opportunity" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'opportunity_customer_id_idx'); END;
CREATE TRIGGER "crm_opportunity_customer_id_idx_upd" BEFORE UPDATE OF "customer_id" ON "crm_opportunity" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'opportunity_customer_id_idx'); END;
CREATE TRIGGER "crm_opportunity_customer_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = OLD."tenant_id" AND "customer_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'opportunity_customer_id_idx'); END;
CREATE TRIGGER "crm_opportunity_product_id_idx_ins" BEFORE INSERT ON "crm_opportunity" WHEN NEW."product_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_product" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."product_id") BEGIN SELECT RAISE(ABORT, 'opportunity_product_id_idx'); END;
CREATE TRIGGER "crm_opportunity_product_id_idx_upd" BEFORE UPDATE OF "product_id" ON "crm_opportunity" WHEN NEW."product_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_product" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."product_id") BEGIN SELECT RAISE(ABORT, 'opportunity_product_id_idx'); END;
CREATE TRIGGER "crm_opportunity_product_id_idx_del" BEFORE DELETE ON "crm_product" WHEN EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = OLD."tenant_id" AND "product_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'opportunity_product_id_idx'); END;
CREATE TRIGGER "crm_opportunity_pipeline_id_idx_ins" BEFORE INSERT ON "crm_opportunity" WHEN NEW."pipeline_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_pipeline" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."pipeline_id") BEGIN SELECT RAISE(ABORT, 'opportunity_pipeline_id_idx'); END;
CREATE TRIGGER "crm_opportunity_pipeline_id_idx_upd" BEFORE UPDATE OF "pipeline_id" ON "crm_opportunity" WHEN NEW."pipeline_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_pipeline" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."pipeline_id") BEGIN SELECT RAISE(ABORT, 'opportunity_pipeline_id_idx'); END;
CREATE TRIGGER "crm_opportunity_pipeline_id_idx_del" BEFORE DELETE ON "crm_pipeline" WHEN EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = OLD."tenant_id" AND "pipeline_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'opportunity_pipeline_id_idx'); END;
CREATE TRIGGER "crm_opportunity_stage_id_idx_ins" BEFORE INSERT ON "crm_opportunity" WHEN NEW."stage_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_stage" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."stage_id") BEGIN SELECT RAISE(ABORT, 'opportunity_stage_id_idx'); END;
CREATE TRIGGER "crm_opportunity_stage_id_idx_upd" BEFORE UPDATE OF "stage_id" ON "crm_opportunity" WHEN NEW."stage_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_stage" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."stage_id") BEGIN SELECT RAISE(ABORT, 'opportunity_stage_id_idx'); END;
CREATE TRIGGER "crm_opportunity_stage_id_idx_del" BEFORE DELETE ON "crm_stage" WHEN EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = OLD."tenant_id" AND "stage_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'opportunity_stage_id_idx'); END;
CREATE TRIGGER "crm_opportunity_last_stage_id_idx_ins" BEFORE INSERT ON "crm_opportunity" WHEN NEW."last_stage_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_stage" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."last_stage_id") BEGIN SELECT RAISE(ABORT, 'opportunity_last_stage_id_idx'); END;
CREATE TRIGGER "crm_opportunity_last_stage_id_idx_upd" BEFORE UPDATE OF "last_stage_id" ON "crm_opportunity" WHEN NEW."last_stage_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_stage" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."last_stage_id") BEGIN SELECT RAISE(ABORT, 'opportunity_last_stage_id_idx'); END;
CREATE TRIGGER "crm_opportunity_last_stage_id_idx_del" BEFORE DELETE ON "crm_stage" WHEN EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = OLD."tenant_id" AND "last_stage_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'opportunity_last_stage_id_idx'); END;
CREATE TRIGGER "crm_stage_log_credit_owner_id_idx_ins" BEFORE INSERT ON "crm_stage_log" WHEN NEW."credit_owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_owner_id") BEGIN SELECT RAISE(ABORT, 'stage_log_credit_owner_id_idx'); END;
CREATE TRIGGER "crm_stage_log_credit_owner_id_idx_upd" BEFORE UPDATE OF "credit_owner_id" ON "crm_stage_log" WHEN NEW."credit_owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_owner_id") BEGIN SELECT RAISE(ABORT, 'stage_log_credit_owner_id_idx'); END;
CREATE TRIGGER "crm_stage_log_credit_owner_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_stage_log" WHERE "tenant_id" = OLD."tenant_id" AND "credit_owner_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'stage_log_credit_owner_id_idx'); END;
CREATE TRIGGER "crm_stage_log_credit_manager_id_idx_ins" BEFORE INSERT ON "crm_stage_log" WHEN NEW."credit_manager_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_manager_id") BEGIN SELECT RAISE(ABORT, 'stage_log_credit_manager_id_idx'); END;
CREATE TRIGGER "crm_stage_log_credit_manager_id_idx_upd" BEFORE UPDATE OF "credit_manager_id" ON "crm_stage_log" WHEN NEW."credit_manager_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_manager_id") BEGIN SELECT RAISE(ABORT, 'stage_log_credit_manager_id_idx'); END;
CREATE TRIGGER "crm_stage_log_credit_manager_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_stage_log" WHERE "tenant_id" = OLD."tenant_id" AND "credit_manager_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'stage_log_credit_manager_id_idx'); END;
CREATE TRIGGER "crm_stage_log_credit_department_id_idx_ins" BEFORE INSERT ON "crm_stage_log" WHEN NEW."credit_department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_department_id") BEGIN SELECT RAISE(ABORT, 'stage_log_credit_department_id_idx'); END;
CREATE TRIGGER "crm_stage_log_credit_department_id_idx_upd" BEFORE UPDATE OF "credit_department_id" ON "crm_stage_log" WHEN NEW."credit_department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."credit_department_id") BEGIN SELECT RAISE(ABORT, 'stage_log_credit_department_id_idx'); END;
CREATE TRIGGER "crm_stage_log_credit_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_stage_log" WHERE "tenant_id" = OLD."tenant_id" AND "credit_department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'stage_log_credit_department_id_idx'); END;
CREATE TRIGGER "crm_stage_log_opportunity_id_idx_ins" BEFORE INSERT ON "crm_stage_log" WHEN NEW."opportunity_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."opportunity_id") BEGIN SELECT RAISE(ABORT, 'stage_log_opportunity_id_idx'); END;
CREATE TRIGGER "crm_stage_log_opportunity_id_idx_upd" BEFORE UPDATE OF "opportunity_id" ON "crm_stage_log" WHEN NEW."opportunity_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_opportunity" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."opportunity_id") BEGIN SELECT RAISE(ABORT, 'stage_log_opportunity_id_idx'); END;
CREATE TRIGGER "crm_stage_log_opportunity_id_idx_del" BEFORE DELETE ON "crm_opportunity" WHEN EXISTS (SELECT 1 FROM "crm_stage_log" WHERE "tenant_id" = OLD."tenant_id" AND "opportunity_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'stage_log_opportunity_id_idx'); END;
CREATE TRIGGER "crm_stage_log_stage_id_idx_ins" BEFORE INSERT ON "crm_stage_log" WHEN NEW."stage_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_stage" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."stage_id") BEGIN SELECT RAISE(ABORT, 'stage_log_stage_id_idx'); END;
CREATE TRIGGER "crm_stage_log_stage_id_idx_upd" BEFORE UPDATE OF "stage_id" ON "crm_stage_log" WHEN NEW."stage_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_stage" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."stage_id") BEGIN SELECT RAISE(ABORT, 'stage_log_stage_id_idx'); END;
CREATE TRIGGER "crm_stage_log_stage_id_idx_del" BEFORE DELETE ON "crm_stage" WHEN EXISTS (SELECT 1 FROM "crm_stage_log" WHERE "tenant_id" = OLD."tenant_id" AND "stage_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'stage_log_stage_id_idx'); END;
