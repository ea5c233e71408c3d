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
	"from" INTEGER,
	"until" INTEGER,
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
	"first" INTEGER NOT NULL CHECK (typeof("first") = 'integer'),
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
	"role_id" TEXT,
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
	"position" TEXT NOT NULL,
	"phone" TEXT NOT NULL,
	"email" TEXT NOT NULL,
	"host_user" TEXT NOT NULL,
	"manager_id" TEXT,
	"department_id" TEXT,
	"further_departments" TEXT,
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
	"within" TEXT,
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
	"further_departments" TEXT,
	"inactive" INTEGER NOT NULL,
	"from" INTEGER NOT NULL,
	"until" INTEGER,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_subordination" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"department_id" TEXT NOT NULL,
	"parent_id" TEXT,
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
	"subject_id" TEXT,
	"event" TEXT NOT NULL,
	"changes" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_departure" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"from_id" TEXT NOT NULL,
	"kind" TEXT NOT NULL,
	"record_id" TEXT NOT NULL,
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
CREATE TABLE "crm_tombstone" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"kind" TEXT NOT NULL,
	"record_id" TEXT NOT NULL,
	"into_id" TEXT NOT NULL,
	"merge_id" TEXT NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"updated_by" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_owner_change" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"at" INTEGER NOT NULL,
	"actor_id" TEXT,
	"kind" TEXT NOT NULL,
	"record_id" TEXT NOT NULL,
	"was_id" TEXT NOT NULL,
	"record_version" INTEGER NOT NULL CHECK (typeof("record_version") = 'integer'),
	"from_id" TEXT,
	"from_department_id" TEXT,
	"to_id" TEXT,
	"to_department_id" TEXT,
	"maker" INTEGER NOT NULL,
	"event" TEXT NOT NULL,
	"reason" TEXT NOT NULL,
	"effective_on" INTEGER,
	"handover_id" TEXT,
	"line_id" TEXT,
	"undo" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"updated_by" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_merge" (
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
	"kind" TEXT NOT NULL,
	"winner_id" TEXT NOT NULL,
	"loser_ids" TEXT,
	"reason" TEXT NOT NULL,
	"state" TEXT NOT NULL,
	"counts" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_merge_step" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"merge_id" TEXT NOT NULL,
	"seq" INTEGER NOT NULL CHECK (typeof("seq") = 'integer'),
	"kind" TEXT NOT NULL,
	"record_id" TEXT NOT NULL,
	"entry_id" TEXT NOT NULL,
	"removed" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_import" (
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
	"target" TEXT NOT NULL,
	"name" TEXT NOT NULL,
	"columns" TEXT,
	"mapping" TEXT,
	"key" TEXT NOT NULL,
	"clear" INTEGER NOT NULL,
	"duplicates" TEXT NOT NULL,
	"state" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_import_progress" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"import_id" TEXT NOT NULL,
	"lines" INTEGER NOT NULL CHECK (typeof("lines") = 'integer'),
	"created" INTEGER NOT NULL CHECK (typeof("created") = 'integer'),
	"updated" INTEGER NOT NULL CHECK (typeof("updated") = 'integer'),
	"unchanged" INTEGER NOT NULL CHECK (typeof("unchanged") = 'integer'),
	"skipped" INTEGER NOT NULL CHECK (typeof("skipped") = 'integer'),
	"refused" INTEGER NOT NULL CHECK (typeof("refused") = 'integer'),
	"unlinked" INTEGER NOT NULL CHECK (typeof("unlinked") = 'integer'),
	"undone" INTEGER NOT NULL CHECK (typeof("undone") = 'integer'),
	"left" INTEGER NOT NULL CHECK (typeof("left") = 'integer'),
	"fingerprint" TEXT NOT NULL,
	"told" INTEGER NOT NULL CHECK (typeof("told") = 'integer'),
	"at" INTEGER NOT NULL CHECK (typeof("at") = 'integer'),
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_import_line" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"import_id" TEXT NOT NULL,
	"seq" INTEGER NOT NULL CHECK (typeof("seq") = 'integer'),
	"line" INTEGER NOT NULL CHECK (typeof("line") = 'integer'),
	"action" TEXT NOT NULL,
	"kind" TEXT NOT NULL,
	"record_id" TEXT,
	"record_version" INTEGER NOT NULL CHECK (typeof("record_version") = 'integer'),
	"former" TEXT,
	"cells" TEXT,
	"problems" TEXT,
	"links" TEXT,
	"undone" INTEGER NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_erasure" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"kind" TEXT NOT NULL,
	"person_id" TEXT NOT NULL,
	"reason" TEXT NOT NULL,
	"pseudonym" TEXT NOT NULL,
	"removed" INTEGER NOT NULL,
	"state" TEXT NOT NULL,
	"readmit_reason" TEXT NOT NULL,
	"counts" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_erased_key" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"erasure_id" TEXT NOT NULL,
	"hash" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_handover" (
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
	"from_id" TEXT,
	"from_department_id" TEXT,
	"reason" TEXT NOT NULL,
	"effective_on" INTEGER,
	"state" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_handover_line" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"handover_id" TEXT NOT NULL,
	"position" INTEGER NOT NULL CHECK (typeof("position") = 'integer'),
	"kind" TEXT NOT NULL,
	"where" TEXT,
	"ids" TEXT,
	"to_id" TEXT,
	"replace_department" INTEGER NOT NULL,
	"department_id" TEXT,
	"replace_maker" INTEGER NOT NULL,
	"end_shares" TEXT,
	"keep_until" INTEGER,
	"selected" INTEGER NOT NULL CHECK (typeof("selected") = 'integer'),
	"blocked" INTEGER NOT NULL CHECK (typeof("blocked") = 'integer'),
	"moved" INTEGER NOT NULL CHECK (typeof("moved") = 'integer'),
	"left" INTEGER NOT NULL CHECK (typeof("left") = 'integer'),
	"undone" INTEGER NOT NULL CHECK (typeof("undone") = 'integer'),
	"left_records" TEXT,
	"cursor" TEXT NOT NULL,
	"finished" INTEGER NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_handover_share" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"line_id" TEXT NOT NULL,
	"share_id" TEXT NOT NULL,
	"share_version" INTEGER NOT NULL CHECK (typeof("share_version") = 'integer'),
	"until" INTEGER,
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
CREATE TABLE "crm_document" (
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
	"subject_kind" TEXT NOT NULL,
	"subject_id" TEXT,
	"title" TEXT NOT NULL,
	"category" TEXT NOT NULL,
	"keywords" TEXT NOT NULL,
	"revision" INTEGER NOT NULL CHECK (typeof("revision") = 'integer'),
	"file_name" TEXT NOT NULL,
	"media_type" TEXT NOT NULL,
	"size" INTEGER NOT NULL CHECK (typeof("size") = 'integer'),
	"sha256" TEXT NOT NULL,
	"title_fold" TEXT NOT NULL,
	"keywords_fold" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_document_revision" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"document_id" TEXT NOT NULL,
	"number" INTEGER NOT NULL CHECK (typeof("number") = 'integer'),
	"file_name" TEXT NOT NULL,
	"media_type" TEXT NOT NULL,
	"size" INTEGER NOT NULL CHECK (typeof("size") = 'integer'),
	"sha256" TEXT NOT NULL,
	"note" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_document_chunk" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"blob_id" TEXT NOT NULL,
	"seq" INTEGER NOT NULL CHECK (typeof("seq") = 'integer'),
	"put_at" INTEGER NOT NULL,
	"data" BLOB,
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
	"type" TEXT NOT NULL,
	"parent_id" TEXT,
	"status" TEXT NOT NULL,
	"standing" TEXT NOT NULL,
	"trading_since" INTEGER,
	"state_reason" TEXT NOT NULL,
	"last_contact_on" INTEGER,
	"source" TEXT NOT NULL,
	"value" TEXT NOT NULL,
	"industry" TEXT NOT NULL,
	"relation_level" TEXT NOT NULL,
	"region" TEXT NOT NULL,
	"importance" TEXT NOT NULL,
	"country" TEXT NOT NULL,
	"phone" TEXT NOT NULL,
	"email" TEXT NOT NULL,
	"website" TEXT NOT NULL,
	"tax_id" TEXT NOT NULL,
	"annual_revenue" INTEGER CHECK (typeof("annual_revenue") IN ('integer', 'null') AND "annual_revenue" >= -9223372036854775807),
	"employees" INTEGER CHECK (typeof("employees") IN ('integer', 'null')),
	"given_name" TEXT NOT NULL,
	"family_name" TEXT NOT NULL,
	"gender" TEXT NOT NULL,
	"birthday" INTEGER,
	"hobbies" TEXT NOT NULL,
	"preferred_channel" TEXT NOT NULL,
	"language" TEXT NOT NULL,
	"contact_from" INTEGER CHECK (typeof("contact_from") IN ('integer', 'null')),
	"contact_until" INTEGER CHECK (typeof("contact_until") IN ('integer', 'null')),
	"interests" TEXT NOT NULL,
	"pool_id" TEXT,
	"pooled_at" INTEGER,
	"pool_reason" TEXT NOT NULL,
	"quiet_since" INTEGER,
	"reserved_until" INTEGER,
	"taken_from_id" TEXT,
	"name_fold" TEXT NOT NULL,
	"short_name_fold" TEXT NOT NULL,
	"search_text" TEXT NOT NULL,
	"search_no" INTEGER CHECK (typeof("search_no") IN ('integer', 'null')),
	"search_tokens" TEXT,
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
	"department" TEXT NOT NULL,
	"phone" TEXT NOT NULL,
	"mobile" TEXT NOT NULL,
	"email" TEXT NOT NULL,
	"wechat" TEXT NOT NULL,
	"is_primary" INTEGER NOT NULL,
	"inactive" INTEGER NOT NULL,
	"role" TEXT NOT NULL,
	"influence" INTEGER CHECK (typeof("influence") IN ('integer', 'null')),
	"attitude" TEXT NOT NULL,
	"relation_level" TEXT NOT NULL,
	"assistant" TEXT NOT NULL,
	"assistant_phone" TEXT NOT NULL,
	"given_name" TEXT NOT NULL,
	"family_name" TEXT NOT NULL,
	"gender" TEXT NOT NULL,
	"birthday" INTEGER,
	"hobbies" TEXT NOT NULL,
	"preferred_channel" TEXT NOT NULL,
	"language" TEXT NOT NULL,
	"contact_from" INTEGER CHECK (typeof("contact_from") IN ('integer', 'null')),
	"contact_until" INTEGER CHECK (typeof("contact_until") IN ('integer', 'null')),
	"interests" TEXT NOT NULL,
	"name_fold" TEXT NOT NULL,
	"search_text" TEXT NOT NULL,
	"search_no" INTEGER CHECK (typeof("search_no") IN ('integer', 'null')),
	"search_tokens" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_address" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"customer_id" TEXT NOT NULL,
	"kind" TEXT NOT NULL,
	"is_default" INTEGER NOT NULL,
	"country" TEXT NOT NULL,
	"province" TEXT NOT NULL,
	"city" TEXT NOT NULL,
	"district" TEXT NOT NULL,
	"street" TEXT NOT NULL,
	"postcode" TEXT NOT NULL,
	"addressee" TEXT NOT NULL,
	"phone" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_teammate" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"customer_id" TEXT NOT NULL,
	"employee_id" TEXT NOT NULL,
	"role" TEXT NOT NULL,
	"level" INTEGER NOT NULL CHECK (typeof("level") = 'integer'),
	"until" INTEGER,
	"share_id" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_relation" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"customer_id" TEXT NOT NULL,
	"from_contact_id" TEXT,
	"to_customer_id" TEXT NOT NULL,
	"to_contact_id" TEXT,
	"kind" TEXT NOT NULL,
	"strength" INTEGER CHECK (typeof("strength") IN ('integer', 'null')),
	"note" TEXT NOT NULL,
	"ends" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_consent" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"customer_id" TEXT NOT NULL,
	"contact_id" TEXT,
	"channel" TEXT NOT NULL,
	"purpose" TEXT NOT NULL,
	"state" TEXT NOT NULL,
	"since" INTEGER NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_consent_entry" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"customer_id" TEXT NOT NULL,
	"contact_id" TEXT,
	"channel" TEXT NOT NULL,
	"purpose" TEXT NOT NULL,
	"state" TEXT NOT NULL,
	"at" INTEGER,
	"source" TEXT NOT NULL,
	"evidence" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_match_key" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"customer_id" TEXT NOT NULL,
	"former_id" TEXT,
	"key" TEXT NOT NULL,
	"normaliser" INTEGER NOT NULL CHECK (typeof("normaliser") = 'integer'),
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_pool" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"name" TEXT NOT NULL,
	"members" TEXT,
	"hidden_fields" TEXT,
	"daily_limit" INTEGER NOT NULL CHECK (typeof("daily_limit") = 'integer'),
	"hold_limit" INTEGER NOT NULL CHECK (typeof("hold_limit") = 'integer'),
	"cool_down_days" INTEGER NOT NULL CHECK (typeof("cool_down_days") = 'integer'),
	"recycle" TEXT,
	"department_id" TEXT,
	"exempt" TEXT,
	"position" INTEGER NOT NULL CHECK (typeof("position") = 'integer'),
	"inactive" INTEGER NOT NULL,
	"name_fold" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_pool_stay" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"customer_id" TEXT NOT NULL,
	"pool_id" TEXT NOT NULL,
	"from_id" TEXT,
	"since" INTEGER NOT NULL,
	"came_by" TEXT NOT NULL,
	"by_id" TEXT,
	"reason" TEXT NOT NULL,
	"until" INTEGER,
	"left_by" TEXT NOT NULL,
	"to_id" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_assignment_rule" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER NOT NULL,
	"updated_at" INTEGER NOT NULL,
	"created_by" TEXT,
	"updated_by" TEXT,
	"custom" TEXT,
	"name" TEXT NOT NULL,
	"position" INTEGER NOT NULL CHECK (typeof("position") = 'integer'),
	"where" TEXT,
	"strategy" TEXT NOT NULL,
	"members" TEXT,
	"inactive" INTEGER NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_assignment_turn" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"last_id" TEXT NOT NULL,
	"given" INTEGER NOT NULL CHECK (typeof("given") = 'integer'),
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
CREATE INDEX "crm_view_role_id_idx" ON "crm_view" ("tenant_id", "role_id", "id");
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
CREATE INDEX "crm_subordination_created_at_idx" ON "crm_subordination" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_subordination_department_id_from_key" ON "crm_subordination" ("tenant_id", "department_id", "from");
CREATE INDEX "crm_journal_entry_kind_record_id_record_version_idx" ON "crm_journal_entry" ("tenant_id", "kind", "record_id", "record_version", "id");
CREATE INDEX "crm_journal_entry_subject_id_at_idx" ON "crm_journal_entry" ("tenant_id", "subject_id", "at", "id");
CREATE INDEX "crm_journal_entry_at_idx" ON "crm_journal_entry" ("tenant_id", "at", "id");
CREATE INDEX "crm_departure_from_id_idx" ON "crm_departure" ("tenant_id", "from_id", "id");
CREATE INDEX "crm_outbox_record_id_version_idx" ON "crm_outbox" ("tenant_id", "record_id", "version", "id");
CREATE UNIQUE INDEX "crm_tombstone_kind_record_id_key" ON "crm_tombstone" ("tenant_id", "kind", "record_id") WHERE "kind" <> '';
CREATE INDEX "crm_tombstone_merge_id_idx" ON "crm_tombstone" ("tenant_id", "merge_id", "id");
CREATE INDEX "crm_tombstone_kind_into_id_idx" ON "crm_tombstone" ("tenant_id", "kind", "into_id", "id");
CREATE INDEX "crm_owner_change_line_id_id_idx" ON "crm_owner_change" ("tenant_id", "line_id", "id");
CREATE INDEX "crm_owner_change_kind_record_id_idx" ON "crm_owner_change" ("tenant_id", "kind", "record_id", "id");
CREATE INDEX "crm_owner_change_from_id_idx" ON "crm_owner_change" ("tenant_id", "from_id", "id");
CREATE INDEX "crm_owner_change_to_id_idx" ON "crm_owner_change" ("tenant_id", "to_id", "id");
CREATE INDEX "crm_merge_created_at_idx" ON "crm_merge" ("tenant_id", "created_at", "id", "owner_id", "department_id");
CREATE INDEX "crm_merge_owner_id_created_at_idx" ON "crm_merge" ("tenant_id", "owner_id", "created_at", "id");
CREATE INDEX "crm_merge_department_id_created_at_idx" ON "crm_merge" ("tenant_id", "department_id", "created_at", "id", "owner_id");
CREATE INDEX "crm_merge_kind_winner_id_idx" ON "crm_merge" ("tenant_id", "kind", "winner_id", "id");
CREATE UNIQUE INDEX "crm_merge_step_merge_id_seq_key" ON "crm_merge_step" ("tenant_id", "merge_id", "seq");
CREATE INDEX "crm_merge_step_merge_id_idx" ON "crm_merge_step" ("tenant_id", "merge_id", "id");
CREATE INDEX "crm_merge_step_kind_record_id_idx" ON "crm_merge_step" ("tenant_id", "kind", "record_id", "id");
CREATE INDEX "crm_import_created_at_idx" ON "crm_import" ("tenant_id", "created_at", "id", "owner_id", "department_id");
CREATE INDEX "crm_import_owner_id_created_at_idx" ON "crm_import" ("tenant_id", "owner_id", "created_at", "id");
CREATE INDEX "crm_import_department_id_created_at_idx" ON "crm_import" ("tenant_id", "department_id", "created_at", "id", "owner_id");
CREATE INDEX "crm_import_progress_import_id_idx" ON "crm_import_progress" ("tenant_id", "import_id", "id");
CREATE UNIQUE INDEX "crm_import_line_import_id_seq_key" ON "crm_import_line" ("tenant_id", "import_id", "seq");
CREATE INDEX "crm_import_line_seq_idx" ON "crm_import_line" ("tenant_id", "seq", "id");
CREATE INDEX "crm_import_line_kind_record_id_idx" ON "crm_import_line" ("tenant_id", "kind", "record_id", "id");
CREATE INDEX "crm_import_line_import_id_idx" ON "crm_import_line" ("tenant_id", "import_id", "id");
CREATE INDEX "crm_erasure_created_at_idx" ON "crm_erasure" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_erasure_kind_person_id_idx" ON "crm_erasure" ("tenant_id", "kind", "person_id", "id");
CREATE INDEX "crm_erased_key_hash_idx" ON "crm_erased_key" ("tenant_id", "hash", "id");
CREATE INDEX "crm_erased_key_erasure_id_idx" ON "crm_erased_key" ("tenant_id", "erasure_id", "id");
CREATE INDEX "crm_handover_created_at_idx" ON "crm_handover" ("tenant_id", "created_at", "id", "owner_id", "department_id");
CREATE INDEX "crm_handover_owner_id_created_at_idx" ON "crm_handover" ("tenant_id", "owner_id", "created_at", "id");
CREATE INDEX "crm_handover_department_id_created_at_idx" ON "crm_handover" ("tenant_id", "department_id", "created_at", "id", "owner_id");
CREATE INDEX "crm_handover_from_id_idx" ON "crm_handover" ("tenant_id", "from_id", "id");
CREATE INDEX "crm_handover_line_created_at_idx" ON "crm_handover_line" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_handover_line_handover_id_position_key" ON "crm_handover_line" ("tenant_id", "handover_id", "position");
CREATE INDEX "crm_handover_line_handover_id_idx" ON "crm_handover_line" ("tenant_id", "handover_id", "id");
CREATE INDEX "crm_handover_line_to_id_idx" ON "crm_handover_line" ("tenant_id", "to_id", "id");
CREATE INDEX "crm_handover_line_department_id_idx" ON "crm_handover_line" ("tenant_id", "department_id", "id");
CREATE INDEX "crm_handover_share_line_id_share_id_idx" ON "crm_handover_share" ("tenant_id", "line_id", "share_id", "id");
CREATE INDEX "crm_product_created_at_idx" ON "crm_product" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_product_code_key" ON "crm_product" ("tenant_id", "code") WHERE "code" <> '';
CREATE INDEX "crm_product_name_idx" ON "crm_product" ("tenant_id", "name", "id");
CREATE INDEX "crm_document_created_at_idx" ON "crm_document" ("tenant_id", "created_at", "id", "owner_id", "department_id");
CREATE INDEX "crm_document_owner_id_created_at_idx" ON "crm_document" ("tenant_id", "owner_id", "created_at", "id");
CREATE INDEX "crm_document_department_id_created_at_idx" ON "crm_document" ("tenant_id", "department_id", "created_at", "id", "owner_id");
CREATE INDEX "crm_document_category_idx" ON "crm_document" ("tenant_id", "category", "id");
CREATE INDEX "crm_document_subject_kind_subject_id_idx" ON "crm_document" ("tenant_id", "subject_kind", "subject_id", "id");
CREATE INDEX "crm_document_revision_created_at_idx" ON "crm_document_revision" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_document_revision_document_id_number_key" ON "crm_document_revision" ("tenant_id", "document_id", "number");
CREATE INDEX "crm_document_revision_document_id_idx" ON "crm_document_revision" ("tenant_id", "document_id", "id");
CREATE UNIQUE INDEX "crm_document_chunk_blob_id_seq_key" ON "crm_document_chunk" ("tenant_id", "blob_id", "seq");
CREATE INDEX "crm_customer_created_at_idx" ON "crm_customer" ("tenant_id", "created_at", "id", "owner_id", "department_id");
CREATE INDEX "crm_customer_owner_id_created_at_idx" ON "crm_customer" ("tenant_id", "owner_id", "created_at", "id");
CREATE INDEX "crm_customer_department_id_created_at_idx" ON "crm_customer" ("tenant_id", "department_id", "created_at", "id", "owner_id");
CREATE INDEX "crm_customer_last_contact_on_idx" ON "crm_customer" ("tenant_id", "last_contact_on", "id", "owner_id", "department_id", "search_text");
CREATE INDEX "crm_customer_owner_id_last_contact_on_idx" ON "crm_customer" ("tenant_id", "owner_id", "last_contact_on", "id", "search_text");
CREATE INDEX "crm_customer_department_id_last_contact_on_idx" ON "crm_customer" ("tenant_id", "department_id", "last_contact_on", "id", "owner_id", "search_text");
CREATE UNIQUE INDEX "crm_customer_code_key" ON "crm_customer" ("tenant_id", "code") WHERE "code" <> '';
CREATE UNIQUE INDEX "crm_customer_tax_id_key" ON "crm_customer" ("tenant_id", "tax_id") WHERE "tax_id" <> '';
CREATE INDEX "crm_customer_phone_idx" ON "crm_customer" ("tenant_id", "phone", "id");
CREATE INDEX "crm_customer_email_idx" ON "crm_customer" ("tenant_id", "email", "id");
CREATE INDEX "crm_customer_pool_id_pooled_at_idx" ON "crm_customer" ("tenant_id", "pool_id", "pooled_at", "id");
CREATE INDEX "crm_customer_quiet_since_idx" ON "crm_customer" ("tenant_id", "quiet_since", "id");
CREATE INDEX "crm_customer_parent_id_idx" ON "crm_customer" ("tenant_id", "parent_id", "id");
CREATE INDEX "crm_customer_taken_from_id_idx" ON "crm_customer" ("tenant_id", "taken_from_id", "id");
CREATE INDEX "crm_contact_created_at_idx" ON "crm_contact" ("tenant_id", "created_at", "id", "search_text");
CREATE INDEX "crm_contact_phone_idx" ON "crm_contact" ("tenant_id", "phone", "id");
CREATE INDEX "crm_contact_mobile_idx" ON "crm_contact" ("tenant_id", "mobile", "id");
CREATE INDEX "crm_contact_email_idx" ON "crm_contact" ("tenant_id", "email", "id");
CREATE INDEX "crm_contact_customer_id_is_primary_idx" ON "crm_contact" ("tenant_id", "customer_id", "is_primary", "id");
CREATE INDEX "crm_address_created_at_idx" ON "crm_address" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_address_customer_id_kind_idx" ON "crm_address" ("tenant_id", "customer_id", "kind", "id");
CREATE INDEX "crm_teammate_created_at_idx" ON "crm_teammate" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_teammate_customer_id_employee_id_key" ON "crm_teammate" ("tenant_id", "customer_id", "employee_id");
CREATE INDEX "crm_teammate_customer_id_idx" ON "crm_teammate" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_teammate_employee_id_idx" ON "crm_teammate" ("tenant_id", "employee_id", "id");
CREATE INDEX "crm_teammate_share_id_idx" ON "crm_teammate" ("tenant_id", "share_id", "id");
CREATE INDEX "crm_relation_created_at_idx" ON "crm_relation" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_relation_ends_key" ON "crm_relation" ("tenant_id", "ends") WHERE "ends" <> '';
CREATE INDEX "crm_relation_customer_id_idx" ON "crm_relation" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_relation_from_contact_id_idx" ON "crm_relation" ("tenant_id", "from_contact_id", "id");
CREATE INDEX "crm_relation_to_customer_id_idx" ON "crm_relation" ("tenant_id", "to_customer_id", "id");
CREATE INDEX "crm_relation_to_contact_id_idx" ON "crm_relation" ("tenant_id", "to_contact_id", "id");
CREATE INDEX "crm_consent_created_at_idx" ON "crm_consent" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_consent_channel_purpose_state_idx" ON "crm_consent" ("tenant_id", "channel", "purpose", "state", "id");
CREATE INDEX "crm_consent_customer_id_contact_id_idx" ON "crm_consent" ("tenant_id", "customer_id", "contact_id", "id");
CREATE INDEX "crm_consent_contact_id_channel_purpose_idx" ON "crm_consent" ("tenant_id", "contact_id", "channel", "purpose", "id");
CREATE INDEX "crm_consent_entry_created_at_idx" ON "crm_consent_entry" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_consent_entry_customer_id_idx" ON "crm_consent_entry" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_consent_entry_contact_id_idx" ON "crm_consent_entry" ("tenant_id", "contact_id", "id");
CREATE INDEX "crm_match_key_key_idx" ON "crm_match_key" ("tenant_id", "key", "id");
CREATE INDEX "crm_match_key_normaliser_idx" ON "crm_match_key" ("tenant_id", "normaliser", "id");
CREATE INDEX "crm_match_key_former_id_idx" ON "crm_match_key" ("tenant_id", "former_id", "id");
CREATE INDEX "crm_match_key_customer_id_idx" ON "crm_match_key" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_pool_created_at_idx" ON "crm_pool" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_pool_name_key" ON "crm_pool" ("tenant_id", "name") WHERE "name" <> '';
CREATE INDEX "crm_pool_department_id_idx" ON "crm_pool" ("tenant_id", "department_id", "id");
CREATE INDEX "crm_pool_stay_created_at_idx" ON "crm_pool_stay" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_pool_stay_to_id_until_idx" ON "crm_pool_stay" ("tenant_id", "to_id", "until", "id");
CREATE INDEX "crm_pool_stay_customer_id_idx" ON "crm_pool_stay" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_pool_stay_pool_id_idx" ON "crm_pool_stay" ("tenant_id", "pool_id", "id");
CREATE INDEX "crm_pool_stay_from_id_idx" ON "crm_pool_stay" ("tenant_id", "from_id", "id");
CREATE INDEX "crm_pool_stay_by_id_idx" ON "crm_pool_stay" ("tenant_id", "by_id", "id");
CREATE INDEX "crm_assignment_rule_created_at_idx" ON "crm_assignment_rule" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_assignment_rule_position_idx" ON "crm_assignment_rule" ("tenant_id", "position", "id");
CREATE INDEX "crm_assignment_turn_last_id_idx" ON "crm_assignment_turn" ("tenant_id", "last_id", "id");
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
CREATE TRIGGER "crm_view_role_id_idx_ins" BEFORE INSERT ON "crm_view" WHEN NEW."role_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_role" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."role_id") BEGIN SELECT RAISE(ABORT, 'view_role_id_idx'); END;
CREATE TRIGGER "crm_view_role_id_idx_upd" BEFORE UPDATE OF "role_id" ON "crm_view" WHEN NEW."role_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_role" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."role_id") BEGIN SELECT RAISE(ABORT, 'view_role_id_idx'); END;
CREATE TRIGGER "crm_view_role_id_idx_del" BEFORE DELETE ON "crm_role" WHEN EXISTS (SELECT 1 FROM "crm_view" WHERE "tenant_id" = OLD."tenant_id" AND "role_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'view_role_id_idx'); END;
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
CREATE TRIGGER "crm_owner_change_from_id_idx_ins" BEFORE INSERT ON "crm_owner_change" WHEN NEW."from_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."from_id") BEGIN SELECT RAISE(ABORT, 'owner_change_from_id_idx'); END;
CREATE TRIGGER "crm_owner_change_from_id_idx_upd" BEFORE UPDATE OF "from_id" ON "crm_owner_change" WHEN NEW."from_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."from_id") BEGIN SELECT RAISE(ABORT, 'owner_change_from_id_idx'); END;
CREATE TRIGGER "crm_owner_change_from_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_owner_change" WHERE "tenant_id" = OLD."tenant_id" AND "from_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'owner_change_from_id_idx'); END;
CREATE TRIGGER "crm_owner_change_to_id_idx_ins" BEFORE INSERT ON "crm_owner_change" WHEN NEW."to_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."to_id") BEGIN SELECT RAISE(ABORT, 'owner_change_to_id_idx'); END;
CREATE TRIGGER "crm_owner_change_to_id_idx_upd" BEFORE UPDATE OF "to_id" ON "crm_owner_change" WHEN NEW."to_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."to_id") BEGIN SELECT RAISE(ABORT, 'owner_change_to_id_idx'); END;
CREATE TRIGGER "crm_owner_change_to_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_owner_change" WHERE "tenant_id" = OLD."tenant_id" AND "to_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'owner_change_to_id_idx'); END;
CREATE TRIGGER "crm_merge_owner_id_idx_ins" BEFORE INSERT ON "crm_merge" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'merge_owner_id_idx'); END;
CREATE TRIGGER "crm_merge_owner_id_idx_upd" BEFORE UPDATE OF "owner_id" ON "crm_merge" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'merge_owner_id_idx'); END;
CREATE TRIGGER "crm_merge_owner_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_merge" WHERE "tenant_id" = OLD."tenant_id" AND "owner_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'merge_owner_id_idx'); END;
CREATE TRIGGER "crm_merge_department_id_idx_ins" BEFORE INSERT ON "crm_merge" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'merge_department_id_idx'); END;
CREATE TRIGGER "crm_merge_department_id_idx_upd" BEFORE UPDATE OF "department_id" ON "crm_merge" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'merge_department_id_idx'); END;
CREATE TRIGGER "crm_merge_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_merge" WHERE "tenant_id" = OLD."tenant_id" AND "department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'merge_department_id_idx'); END;
CREATE TRIGGER "crm_merge_step_merge_id_idx_ins" BEFORE INSERT ON "crm_merge_step" WHEN NEW."merge_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_merge" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."merge_id") BEGIN SELECT RAISE(ABORT, 'merge_step_merge_id_idx'); END;
CREATE TRIGGER "crm_merge_step_merge_id_idx_upd" BEFORE UPDATE OF "merge_id" ON "crm_merge_step" WHEN NEW."merge_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_merge" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."merge_id") BEGIN SELECT RAISE(ABORT, 'merge_step_merge_id_idx'); END;
CREATE TRIGGER "crm_merge_step_merge_id_idx_del" BEFORE DELETE ON "crm_merge" WHEN EXISTS (SELECT 1 FROM "crm_merge_step" WHERE "tenant_id" = OLD."tenant_id" AND "merge_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'merge_step_merge_id_idx'); END;
CREATE TRIGGER "crm_import_owner_id_idx_ins" BEFORE INSERT ON "crm_import" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'import_owner_id_idx'); END;
CREATE TRIGGER "crm_import_owner_id_idx_upd" BEFORE UPDATE OF "owner_id" ON "crm_import" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'import_owner_id_idx'); END;
CREATE TRIGGER "crm_import_owner_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_import" WHERE "tenant_id" = OLD."tenant_id" AND "owner_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'import_owner_id_idx'); END;
CREATE TRIGGER "crm_import_department_id_idx_ins" BEFORE INSERT ON "crm_import" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'import_department_id_idx'); END;
CREATE TRIGGER "crm_import_department_id_idx_upd" BEFORE UPDATE OF "department_id" ON "crm_import" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'import_department_id_idx'); END;
CREATE TRIGGER "crm_import_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_import" WHERE "tenant_id" = OLD."tenant_id" AND "department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'import_department_id_idx'); END;
CREATE TRIGGER "crm_import_progress_import_id_idx_ins" BEFORE INSERT ON "crm_import_progress" WHEN NEW."import_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_import" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."import_id") BEGIN SELECT RAISE(ABORT, 'import_progress_import_id_idx'); END;
CREATE TRIGGER "crm_import_progress_import_id_idx_upd" BEFORE UPDATE OF "import_id" ON "crm_import_progress" WHEN NEW."import_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_import" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."import_id") BEGIN SELECT RAISE(ABORT, 'import_progress_import_id_idx'); END;
CREATE TRIGGER "crm_import_progress_import_id_idx_del" BEFORE DELETE ON "crm_import" WHEN EXISTS (SELECT 1 FROM "crm_import_progress" WHERE "tenant_id" = OLD."tenant_id" AND "import_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'import_progress_import_id_idx'); END;
CREATE TRIGGER "crm_import_line_import_id_idx_ins" BEFORE INSERT ON "crm_import_line" WHEN NEW."import_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_import" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."import_id") BEGIN SELECT RAISE(ABORT, 'import_line_import_id_idx'); END;
CREATE TRIGGER "crm_import_line_import_id_idx_upd" BEFORE UPDATE OF "import_id" ON "crm_import_line" WHEN NEW."import_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_import" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."import_id") BEGIN SELECT RAISE(ABORT, 'import_line_import_id_idx'); END;
CREATE TRIGGER "crm_import_line_import_id_idx_del" BEFORE DELETE ON "crm_import" WHEN EXISTS (SELECT 1 FROM "crm_import_line" WHERE "tenant_id" = OLD."tenant_id" AND "import_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'import_line_import_id_idx'); END;
CREATE TRIGGER "crm_erased_key_erasure_id_idx_ins" BEFORE INSERT ON "crm_erased_key" WHEN NEW."erasure_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_erasure" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."erasure_id") BEGIN SELECT RAISE(ABORT, 'erased_key_erasure_id_idx'); END;
CREATE TRIGGER "crm_erased_key_erasure_id_idx_upd" BEFORE UPDATE OF "erasure_id" ON "crm_erased_key" WHEN NEW."erasure_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_erasure" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."erasure_id") BEGIN SELECT RAISE(ABORT, 'erased_key_erasure_id_idx'); END;
CREATE TRIGGER "crm_erased_key_erasure_id_idx_del" BEFORE DELETE ON "crm_erasure" WHEN EXISTS (SELECT 1 FROM "crm_erased_key" WHERE "tenant_id" = OLD."tenant_id" AND "erasure_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'erased_key_erasure_id_idx'); END;
CREATE TRIGGER "crm_handover_owner_id_idx_ins" BEFORE INSERT ON "crm_handover" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'handover_owner_id_idx'); END;
CREATE TRIGGER "crm_handover_owner_id_idx_upd" BEFORE UPDATE OF "owner_id" ON "crm_handover" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'handover_owner_id_idx'); END;
CREATE TRIGGER "crm_handover_owner_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_handover" WHERE "tenant_id" = OLD."tenant_id" AND "owner_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'handover_owner_id_idx'); END;
CREATE TRIGGER "crm_handover_department_id_idx_ins" BEFORE INSERT ON "crm_handover" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'handover_department_id_idx'); END;
CREATE TRIGGER "crm_handover_department_id_idx_upd" BEFORE UPDATE OF "department_id" ON "crm_handover" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'handover_department_id_idx'); END;
CREATE TRIGGER "crm_handover_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_handover" WHERE "tenant_id" = OLD."tenant_id" AND "department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'handover_department_id_idx'); END;
CREATE TRIGGER "crm_handover_from_id_idx_ins" BEFORE INSERT ON "crm_handover" WHEN NEW."from_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."from_id") BEGIN SELECT RAISE(ABORT, 'handover_from_id_idx'); END;
CREATE TRIGGER "crm_handover_from_id_idx_upd" BEFORE UPDATE OF "from_id" ON "crm_handover" WHEN NEW."from_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."from_id") BEGIN SELECT RAISE(ABORT, 'handover_from_id_idx'); END;
CREATE TRIGGER "crm_handover_from_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_handover" WHERE "tenant_id" = OLD."tenant_id" AND "from_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'handover_from_id_idx'); END;
CREATE TRIGGER "crm_handover_line_handover_id_idx_ins" BEFORE INSERT ON "crm_handover_line" WHEN NEW."handover_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_handover" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."handover_id") BEGIN SELECT RAISE(ABORT, 'handover_line_handover_id_idx'); END;
CREATE TRIGGER "crm_handover_line_handover_id_idx_upd" BEFORE UPDATE OF "handover_id" ON "crm_handover_line" WHEN NEW."handover_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_handover" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."handover_id") BEGIN SELECT RAISE(ABORT, 'handover_line_handover_id_idx'); END;
CREATE TRIGGER "crm_handover_line_handover_id_idx_del" BEFORE DELETE ON "crm_handover" WHEN EXISTS (SELECT 1 FROM "crm_handover_line" WHERE "tenant_id" = OLD."tenant_id" AND "handover_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'handover_line_handover_id_idx'); END;
CREATE TRIGGER "crm_handover_line_to_id_idx_ins" BEFORE INSERT ON "crm_handover_line" WHEN NEW."to_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."to_id") BEGIN SELECT RAISE(ABORT, 'handover_line_to_id_idx'); END;
CREATE TRIGGER "crm_handover_line_to_id_idx_upd" BEFORE UPDATE OF "to_id" ON "crm_handover_line" WHEN NEW."to_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."to_id") BEGIN SELECT RAISE(ABORT, 'handover_line_to_id_idx'); END;
CREATE TRIGGER "crm_handover_line_to_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_handover_line" WHERE "tenant_id" = OLD."tenant_id" AND "to_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'handover_line_to_id_idx'); END;
CREATE TRIGGER "crm_handover_line_department_id_idx_ins" BEFORE INSERT ON "crm_handover_line" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'handover_line_department_id_idx'); END;
CREATE TRIGGER "crm_handover_line_department_id_idx_upd" BEFORE UPDATE OF "department_id" ON "crm_handover_line" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'handover_line_department_id_idx'); END;
CREATE TRIGGER "crm_handover_line_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_handover_line" WHERE "tenant_id" = OLD."tenant_id" AND "department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'handover_line_department_id_idx'); END;
CREATE TRIGGER "crm_handover_share_line_id_idx_ins" BEFORE INSERT ON "crm_handover_share" WHEN NEW."line_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_handover_line" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."line_id") BEGIN SELECT RAISE(ABORT, 'handover_share_line_id_idx'); END;
CREATE TRIGGER "crm_handover_share_line_id_idx_upd" BEFORE UPDATE OF "line_id" ON "crm_handover_share" WHEN NEW."line_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_handover_line" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."line_id") BEGIN SELECT RAISE(ABORT, 'handover_share_line_id_idx'); END;
CREATE TRIGGER "crm_handover_share_line_id_idx_del" BEFORE DELETE ON "crm_handover_line" WHEN EXISTS (SELECT 1 FROM "crm_handover_share" WHERE "tenant_id" = OLD."tenant_id" AND "line_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'handover_share_line_id_idx'); END;
CREATE TRIGGER "crm_document_owner_id_idx_ins" BEFORE INSERT ON "crm_document" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'document_owner_id_idx'); END;
CREATE TRIGGER "crm_document_owner_id_idx_upd" BEFORE UPDATE OF "owner_id" ON "crm_document" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'document_owner_id_idx'); END;
CREATE TRIGGER "crm_document_owner_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_document" WHERE "tenant_id" = OLD."tenant_id" AND "owner_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'document_owner_id_idx'); END;
CREATE TRIGGER "crm_document_department_id_idx_ins" BEFORE INSERT ON "crm_document" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'document_department_id_idx'); END;
CREATE TRIGGER "crm_document_department_id_idx_upd" BEFORE UPDATE OF "department_id" ON "crm_document" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'document_department_id_idx'); END;
CREATE TRIGGER "crm_document_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_document" WHERE "tenant_id" = OLD."tenant_id" AND "department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'document_department_id_idx'); END;
CREATE TRIGGER "crm_document_revision_document_id_idx_ins" BEFORE INSERT ON "crm_document_revision" WHEN NEW."document_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_document" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."document_id") BEGIN SELECT RAISE(ABORT, 'document_revision_document_id_idx'); END;
CREATE TRIGGER "crm_document_revision_document_id_idx_upd" BEFORE UPDATE OF "document_id" ON "crm_document_revision" WHEN NEW."document_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_document" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."document_id") BEGIN SELECT RAISE(ABORT, 'document_revision_document_id_idx'); END;
CREATE TRIGGER "crm_document_revision_document_id_idx_del" BEFORE DELETE ON "crm_document" WHEN EXISTS (SELECT 1 FROM "crm_document_revision" WHERE "tenant_id" = OLD."tenant_id" AND "document_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'document_revision_document_id_idx'); END;
CREATE TRIGGER "crm_customer_owner_id_idx_ins" BEFORE INSERT ON "crm_customer" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'customer_owner_id_idx'); END;
CREATE TRIGGER "crm_customer_owner_id_idx_upd" BEFORE UPDATE OF "owner_id" ON "crm_customer" WHEN NEW."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."owner_id") BEGIN SELECT RAISE(ABORT, 'customer_owner_id_idx'); END;
CREATE TRIGGER "crm_customer_owner_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = OLD."tenant_id" AND "owner_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'customer_owner_id_idx'); END;
CREATE TRIGGER "crm_customer_department_id_idx_ins" BEFORE INSERT ON "crm_customer" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'customer_department_id_idx'); END;
CREATE TRIGGER "crm_customer_department_id_idx_upd" BEFORE UPDATE OF "department_id" ON "crm_customer" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'customer_department_id_idx'); END;
CREATE TRIGGER "crm_customer_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = OLD."tenant_id" AND "department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'customer_department_id_idx'); END;
CREATE TRIGGER "crm_customer_parent_id_idx_ins" BEFORE INSERT ON "crm_customer" WHEN NEW."parent_id" IS NOT NULL AND NEW."parent_id" <> NEW."id" AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."parent_id") BEGIN SELECT RAISE(ABORT, 'customer_parent_id_idx'); END;
CREATE TRIGGER "crm_customer_parent_id_idx_upd" BEFORE UPDATE OF "parent_id" ON "crm_customer" WHEN NEW."parent_id" IS NOT NULL AND NEW."parent_id" <> NEW."id" AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."parent_id") BEGIN SELECT RAISE(ABORT, 'customer_parent_id_idx'); END;
CREATE TRIGGER "crm_customer_parent_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = OLD."tenant_id" AND "parent_id" = OLD."id" AND "id" <> OLD."id") BEGIN SELECT RAISE(ABORT, 'customer_parent_id_idx'); END;
CREATE TRIGGER "crm_customer_pool_id_idx_ins" BEFORE INSERT ON "crm_customer" WHEN NEW."pool_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_pool" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."pool_id") BEGIN SELECT RAISE(ABORT, 'customer_pool_id_idx'); END;
CREATE TRIGGER "crm_customer_pool_id_idx_upd" BEFORE UPDATE OF "pool_id" ON "crm_customer" WHEN NEW."pool_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_pool" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."pool_id") BEGIN SELECT RAISE(ABORT, 'customer_pool_id_idx'); END;
CREATE TRIGGER "crm_customer_pool_id_idx_del" BEFORE DELETE ON "crm_pool" WHEN EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = OLD."tenant_id" AND "pool_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'customer_pool_id_idx'); END;
CREATE TRIGGER "crm_customer_taken_from_id_idx_ins" BEFORE INSERT ON "crm_customer" WHEN NEW."taken_from_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_pool" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."taken_from_id") BEGIN SELECT RAISE(ABORT, 'customer_taken_from_id_idx'); END;
CREATE TRIGGER "crm_customer_taken_from_id_idx_upd" BEFORE UPDATE OF "taken_from_id" ON "crm_customer" WHEN NEW."taken_from_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_pool" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."taken_from_id") BEGIN SELECT RAISE(ABORT, 'customer_taken_from_id_idx'); END;
CREATE TRIGGER "crm_customer_taken_from_id_idx_del" BEFORE DELETE ON "crm_pool" WHEN EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = OLD."tenant_id" AND "taken_from_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'customer_taken_from_id_idx'); END;
CREATE UNIQUE INDEX "crm_customer_search_key" ON "crm_customer" ("search_no");
CREATE INDEX "crm_customer_search_idx" ON "crm_customer" ("search_no") WHERE "search_tokens" IS NOT NULL;
CREATE VIRTUAL TABLE "crm_customer_fts" USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE VIEW "crm_customer_settle" AS SELECT "tenant_id" FROM "crm_customer" WHERE "search_tokens" IS NOT NULL;
CREATE TRIGGER "crm_customer_search_ins" INSTEAD OF INSERT ON "crm_customer_settle" BEGIN DELETE FROM "crm_customer_fts" WHERE rowid IN (SELECT "search_no" FROM "crm_customer" WHERE "search_tokens" IS NOT NULL); INSERT INTO "crm_customer_fts" (rowid, tokens) SELECT "search_no", "search_tokens" FROM "crm_customer" WHERE "search_tokens" IS NOT NULL; UPDATE "crm_customer" SET "search_tokens" = NULL WHERE "search_tokens" IS NOT NULL; END;
CREATE TRIGGER "crm_customer_search_del" AFTER DELETE ON "crm_customer" WHEN OLD."search_no" IS NOT NULL BEGIN DELETE FROM "crm_customer_fts" WHERE rowid = OLD."search_no"; END;
CREATE TRIGGER "crm_contact_customer_id_idx_ins" BEFORE INSERT ON "crm_contact" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'contact_customer_id_idx'); END;
CREATE TRIGGER "crm_contact_customer_id_idx_upd" BEFORE UPDATE OF "customer_id" ON "crm_contact" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'contact_customer_id_idx'); END;
CREATE TRIGGER "crm_contact_customer_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_contact" WHERE "tenant_id" = OLD."tenant_id" AND "customer_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'contact_customer_id_idx'); END;
CREATE UNIQUE INDEX "crm_contact_search_key" ON "crm_contact" ("search_no");
CREATE INDEX "crm_contact_search_idx" ON "crm_contact" ("search_no") WHERE "search_tokens" IS NOT NULL;
CREATE VIRTUAL TABLE "crm_contact_fts" USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE VIEW "crm_contact_settle" AS SELECT "tenant_id" FROM "crm_contact" WHERE "search_tokens" IS NOT NULL;
CREATE TRIGGER "crm_contact_search_ins" INSTEAD OF INSERT ON "crm_contact_settle" BEGIN DELETE FROM "crm_contact_fts" WHERE rowid IN (SELECT "search_no" FROM "crm_contact" WHERE "search_tokens" IS NOT NULL); INSERT INTO "crm_contact_fts" (rowid, tokens) SELECT "search_no", "search_tokens" FROM "crm_contact" WHERE "search_tokens" IS NOT NULL; UPDATE "crm_contact" SET "search_tokens" = NULL WHERE "search_tokens" IS NOT NULL; END;
CREATE TRIGGER "crm_contact_search_del" AFTER DELETE ON "crm_contact" WHEN OLD."search_no" IS NOT NULL BEGIN DELETE FROM "crm_contact_fts" WHERE rowid = OLD."search_no"; END;
CREATE TRIGGER "crm_address_customer_id_idx_ins" BEFORE INSERT ON "crm_address" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'address_customer_id_idx'); END;
CREATE TRIGGER "crm_address_customer_id_idx_upd" BEFORE UPDATE OF "customer_id" ON "crm_address" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'address_customer_id_idx'); END;
CREATE TRIGGER "crm_address_customer_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_address" WHERE "tenant_id" = OLD."tenant_id" AND "customer_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'address_customer_id_idx'); END;
CREATE TRIGGER "crm_teammate_customer_id_idx_ins" BEFORE INSERT ON "crm_teammate" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'teammate_customer_id_idx'); END;
CREATE TRIGGER "crm_teammate_customer_id_idx_upd" BEFORE UPDATE OF "customer_id" ON "crm_teammate" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'teammate_customer_id_idx'); END;
CREATE TRIGGER "crm_teammate_customer_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_teammate" WHERE "tenant_id" = OLD."tenant_id" AND "customer_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'teammate_customer_id_idx'); END;
CREATE TRIGGER "crm_teammate_employee_id_idx_ins" BEFORE INSERT ON "crm_teammate" WHEN NEW."employee_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."employee_id") BEGIN SELECT RAISE(ABORT, 'teammate_employee_id_idx'); END;
CREATE TRIGGER "crm_teammate_employee_id_idx_upd" BEFORE UPDATE OF "employee_id" ON "crm_teammate" WHEN NEW."employee_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."employee_id") BEGIN SELECT RAISE(ABORT, 'teammate_employee_id_idx'); END;
CREATE TRIGGER "crm_teammate_employee_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_teammate" WHERE "tenant_id" = OLD."tenant_id" AND "employee_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'teammate_employee_id_idx'); END;
CREATE TRIGGER "crm_teammate_share_id_idx_ins" BEFORE INSERT ON "crm_teammate" WHEN NEW."share_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_share" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."share_id") BEGIN SELECT RAISE(ABORT, 'teammate_share_id_idx'); END;
CREATE TRIGGER "crm_teammate_share_id_idx_upd" BEFORE UPDATE OF "share_id" ON "crm_teammate" WHEN NEW."share_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_share" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."share_id") BEGIN SELECT RAISE(ABORT, 'teammate_share_id_idx'); END;
CREATE TRIGGER "crm_teammate_share_id_idx_del" BEFORE DELETE ON "crm_share" WHEN EXISTS (SELECT 1 FROM "crm_teammate" WHERE "tenant_id" = OLD."tenant_id" AND "share_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'teammate_share_id_idx'); END;
CREATE TRIGGER "crm_relation_customer_id_idx_ins" BEFORE INSERT ON "crm_relation" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'relation_customer_id_idx'); END;
CREATE TRIGGER "crm_relation_customer_id_idx_upd" BEFORE UPDATE OF "customer_id" ON "crm_relation" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'relation_customer_id_idx'); END;
CREATE TRIGGER "crm_relation_customer_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_relation" WHERE "tenant_id" = OLD."tenant_id" AND "customer_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'relation_customer_id_idx'); END;
CREATE TRIGGER "crm_relation_from_contact_id_idx_ins" BEFORE INSERT ON "crm_relation" WHEN NEW."from_contact_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_contact" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."from_contact_id") BEGIN SELECT RAISE(ABORT, 'relation_from_contact_id_idx'); END;
CREATE TRIGGER "crm_relation_from_contact_id_idx_upd" BEFORE UPDATE OF "from_contact_id" ON "crm_relation" WHEN NEW."from_contact_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_contact" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."from_contact_id") BEGIN SELECT RAISE(ABORT, 'relation_from_contact_id_idx'); END;
CREATE TRIGGER "crm_relation_from_contact_id_idx_del" BEFORE DELETE ON "crm_contact" WHEN EXISTS (SELECT 1 FROM "crm_relation" WHERE "tenant_id" = OLD."tenant_id" AND "from_contact_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'relation_from_contact_id_idx'); END;
CREATE TRIGGER "crm_relation_to_customer_id_idx_ins" BEFORE INSERT ON "crm_relation" WHEN NEW."to_customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."to_customer_id") BEGIN SELECT RAISE(ABORT, 'relation_to_customer_id_idx'); END;
CREATE TRIGGER "crm_relation_to_customer_id_idx_upd" BEFORE UPDATE OF "to_customer_id" ON "crm_relation" WHEN NEW."to_customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."to_customer_id") BEGIN SELECT RAISE(ABORT, 'relation_to_customer_id_idx'); END;
CREATE TRIGGER "crm_relation_to_customer_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_relation" WHERE "tenant_id" = OLD."tenant_id" AND "to_customer_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'relation_to_customer_id_idx'); END;
CREATE TRIGGER "crm_relation_to_contact_id_idx_ins" BEFORE INSERT ON "crm_relation" WHEN NEW."to_contact_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_contact" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."to_contact_id") BEGIN SELECT RAISE(ABORT, 'relation_to_contact_id_idx'); END;
CREATE TRIGGER "crm_relation_to_contact_id_idx_upd" BEFORE UPDATE OF "to_contact_id" ON "crm_relation" WHEN NEW."to_contact_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_contact" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."to_contact_id") BEGIN SELECT RAISE(ABORT, 'relation_to_contact_id_idx'); END;
CREATE TRIGGER "crm_relation_to_contact_id_idx_del" BEFORE DELETE ON "crm_contact" WHEN EXISTS (SELECT 1 FROM "crm_relation" WHERE "tenant_id" = OLD."tenant_id" AND "to_contact_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'relation_to_contact_id_idx'); END;
CREATE TRIGGER "crm_consent_customer_id_idx_ins" BEFORE INSERT ON "crm_consent" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'consent_customer_id_idx'); END;
CREATE TRIGGER "crm_consent_customer_id_idx_upd" BEFORE UPDATE OF "customer_id" ON "crm_consent" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'consent_customer_id_idx'); END;
CREATE TRIGGER "crm_consent_customer_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_consent" WHERE "tenant_id" = OLD."tenant_id" AND "customer_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'consent_customer_id_idx'); END;
CREATE TRIGGER "crm_consent_contact_id_idx_ins" BEFORE INSERT ON "crm_consent" WHEN NEW."contact_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_contact" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."contact_id") BEGIN SELECT RAISE(ABORT, 'consent_contact_id_idx'); END;
CREATE TRIGGER "crm_consent_contact_id_idx_upd" BEFORE UPDATE OF "contact_id" ON "crm_consent" WHEN NEW."contact_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_contact" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."contact_id") BEGIN SELECT RAISE(ABORT, 'consent_contact_id_idx'); END;
CREATE TRIGGER "crm_consent_contact_id_idx_del" BEFORE DELETE ON "crm_contact" WHEN EXISTS (SELECT 1 FROM "crm_consent" WHERE "tenant_id" = OLD."tenant_id" AND "contact_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'consent_contact_id_idx'); END;
CREATE TRIGGER "crm_consent_entry_customer_id_idx_ins" BEFORE INSERT ON "crm_consent_entry" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'consent_entry_customer_id_idx'); END;
CREATE TRIGGER "crm_consent_entry_customer_id_idx_upd" BEFORE UPDATE OF "customer_id" ON "crm_consent_entry" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'consent_entry_customer_id_idx'); END;
CREATE TRIGGER "crm_consent_entry_customer_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_consent_entry" WHERE "tenant_id" = OLD."tenant_id" AND "customer_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'consent_entry_customer_id_idx'); END;
CREATE TRIGGER "crm_consent_entry_contact_id_idx_ins" BEFORE INSERT ON "crm_consent_entry" WHEN NEW."contact_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_contact" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."contact_id") BEGIN SELECT RAISE(ABORT, 'consent_entry_contact_id_idx'); END;
CREATE TRIGGER "crm_consent_entry_contact_id_idx_upd" BEFORE UPDATE OF "contact_id" ON "crm_consent_entry" WHEN NEW."contact_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_contact" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."contact_id") BEGIN SELECT RAISE(ABORT, 'consent_entry_contact_id_idx'); END;
CREATE TRIGGER "crm_consent_entry_contact_id_idx_del" BEFORE DELETE ON "crm_contact" WHEN EXISTS (SELECT 1 FROM "crm_consent_entry" WHERE "tenant_id" = OLD."tenant_id" AND "contact_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'consent_entry_contact_id_idx'); END;
CREATE TRIGGER "crm_match_key_customer_id_idx_ins" BEFORE INSERT ON "crm_match_key" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'match_key_customer_id_idx'); END;
CREATE TRIGGER "crm_match_key_customer_id_idx_upd" BEFORE UPDATE OF "customer_id" ON "crm_match_key" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'match_key_customer_id_idx'); END;
CREATE TRIGGER "crm_match_key_customer_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_match_key" WHERE "tenant_id" = OLD."tenant_id" AND "customer_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'match_key_customer_id_idx'); END;
CREATE TRIGGER "crm_pool_department_id_idx_ins" BEFORE INSERT ON "crm_pool" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'pool_department_id_idx'); END;
CREATE TRIGGER "crm_pool_department_id_idx_upd" BEFORE UPDATE OF "department_id" ON "crm_pool" WHEN NEW."department_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_department" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."department_id") BEGIN SELECT RAISE(ABORT, 'pool_department_id_idx'); END;
CREATE TRIGGER "crm_pool_department_id_idx_del" BEFORE DELETE ON "crm_department" WHEN EXISTS (SELECT 1 FROM "crm_pool" WHERE "tenant_id" = OLD."tenant_id" AND "department_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'pool_department_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_customer_id_idx_ins" BEFORE INSERT ON "crm_pool_stay" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'pool_stay_customer_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_customer_id_idx_upd" BEFORE UPDATE OF "customer_id" ON "crm_pool_stay" WHEN NEW."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_customer" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."customer_id") BEGIN SELECT RAISE(ABORT, 'pool_stay_customer_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_customer_id_idx_del" BEFORE DELETE ON "crm_customer" WHEN EXISTS (SELECT 1 FROM "crm_pool_stay" WHERE "tenant_id" = OLD."tenant_id" AND "customer_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'pool_stay_customer_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_pool_id_idx_ins" BEFORE INSERT ON "crm_pool_stay" WHEN NEW."pool_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_pool" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."pool_id") BEGIN SELECT RAISE(ABORT, 'pool_stay_pool_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_pool_id_idx_upd" BEFORE UPDATE OF "pool_id" ON "crm_pool_stay" WHEN NEW."pool_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_pool" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."pool_id") BEGIN SELECT RAISE(ABORT, 'pool_stay_pool_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_pool_id_idx_del" BEFORE DELETE ON "crm_pool" WHEN EXISTS (SELECT 1 FROM "crm_pool_stay" WHERE "tenant_id" = OLD."tenant_id" AND "pool_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'pool_stay_pool_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_from_id_idx_ins" BEFORE INSERT ON "crm_pool_stay" WHEN NEW."from_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."from_id") BEGIN SELECT RAISE(ABORT, 'pool_stay_from_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_from_id_idx_upd" BEFORE UPDATE OF "from_id" ON "crm_pool_stay" WHEN NEW."from_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."from_id") BEGIN SELECT RAISE(ABORT, 'pool_stay_from_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_from_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_pool_stay" WHERE "tenant_id" = OLD."tenant_id" AND "from_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'pool_stay_from_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_by_id_idx_ins" BEFORE INSERT ON "crm_pool_stay" WHEN NEW."by_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."by_id") BEGIN SELECT RAISE(ABORT, 'pool_stay_by_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_by_id_idx_upd" BEFORE UPDATE OF "by_id" ON "crm_pool_stay" WHEN NEW."by_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."by_id") BEGIN SELECT RAISE(ABORT, 'pool_stay_by_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_by_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_pool_stay" WHERE "tenant_id" = OLD."tenant_id" AND "by_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'pool_stay_by_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_to_id_idx_ins" BEFORE INSERT ON "crm_pool_stay" WHEN NEW."to_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."to_id") BEGIN SELECT RAISE(ABORT, 'pool_stay_to_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_to_id_idx_upd" BEFORE UPDATE OF "to_id" ON "crm_pool_stay" WHEN NEW."to_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."to_id") BEGIN SELECT RAISE(ABORT, 'pool_stay_to_id_idx'); END;
CREATE TRIGGER "crm_pool_stay_to_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_pool_stay" WHERE "tenant_id" = OLD."tenant_id" AND "to_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'pool_stay_to_id_idx'); END;
CREATE TRIGGER "crm_assignment_turn_last_id_idx_ins" BEFORE INSERT ON "crm_assignment_turn" WHEN NEW."last_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."last_id") BEGIN SELECT RAISE(ABORT, 'assignment_turn_last_id_idx'); END;
CREATE TRIGGER "crm_assignment_turn_last_id_idx_upd" BEFORE UPDATE OF "last_id" ON "crm_assignment_turn" WHEN NEW."last_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_employee" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."last_id") BEGIN SELECT RAISE(ABORT, 'assignment_turn_last_id_idx'); END;
CREATE TRIGGER "crm_assignment_turn_last_id_idx_del" BEFORE DELETE ON "crm_employee" WHEN EXISTS (SELECT 1 FROM "crm_assignment_turn" WHERE "tenant_id" = OLD."tenant_id" AND "last_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'assignment_turn_last_id_idx'); END;
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
