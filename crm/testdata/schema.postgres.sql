CREATE SCHEMA IF NOT EXISTS "crm";
CREATE TABLE "crm"."migration" ("number" bigint PRIMARY KEY, "name" text NOT NULL, "applied_at" timestamp with time zone NOT NULL);
CREATE TABLE "crm"."tenant_state" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"organisation" bigint NOT NULL,
	"settings" bigint NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."dictionary_entry" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"dictionary" text COLLATE "C" NOT NULL,
	"code" text COLLATE "C" NOT NULL,
	"label" jsonb,
	"position" bigint NOT NULL,
	"from" date,
	"until" date,
	"retired" boolean NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."custom_field" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"kind" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"label" jsonb,
	"type" text COLLATE "C" NOT NULL,
	"scale" bigint NOT NULL,
	"max" bigint NOT NULL,
	"required" boolean NOT NULL,
	"choices" jsonb,
	"retired" boolean NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."number_rule" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"kind" text COLLATE "C" NOT NULL,
	"field" text COLLATE "C" NOT NULL,
	"pattern" text COLLATE "C" NOT NULL,
	"reset" text COLLATE "C" NOT NULL,
	"first" bigint NOT NULL,
	"block" bigint NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."number_counter" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"last" bigint NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."view" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"owner_id" uuid,
	"department_id" uuid,
	"name" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"query" jsonb,
	"columns" jsonb,
	"hint" jsonb,
	"role_id" uuid,
	"name_fold" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."view_pin" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"employee_id" uuid NOT NULL,
	"view_id" uuid NOT NULL,
	"position" bigint NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."department" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"name" text COLLATE "C" NOT NULL,
	"code" text COLLATE "C" NOT NULL,
	"parent_id" uuid,
	"name_fold" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."employee" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"name" text COLLATE "C" NOT NULL,
	"code" text COLLATE "C" NOT NULL,
	"position" text COLLATE "C" NOT NULL,
	"phone" text COLLATE "C" NOT NULL,
	"email" text COLLATE "C" NOT NULL,
	"host_user" text COLLATE "C" NOT NULL,
	"manager_id" uuid,
	"department_id" uuid,
	"further_departments" jsonb,
	"roles" jsonb,
	"inactive" boolean NOT NULL,
	"name_fold" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."role" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"name" text COLLATE "C" NOT NULL,
	"grants" jsonb,
	"fields" jsonb,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."share" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"kind" text COLLATE "C" NOT NULL,
	"record_id" uuid NOT NULL,
	"record_created_at" timestamp with time zone NOT NULL,
	"principal_id" uuid NOT NULL,
	"level" bigint NOT NULL,
	"cause" text COLLATE "C" NOT NULL,
	"expires_at" timestamp with time zone,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."reach" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"ancestor_id" uuid NOT NULL,
	"descendant_id" uuid NOT NULL,
	"depth" bigint NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."sharing_rule" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"name" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"from" jsonb,
	"where" jsonb,
	"to" jsonb,
	"within" jsonb,
	"level" bigint NOT NULL,
	"until" timestamp with time zone,
	"disabled" boolean NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."deputy" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"employee_id" uuid NOT NULL,
	"deputy_id" uuid NOT NULL,
	"from" date NOT NULL,
	"until" date NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."posting" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"employee_id" uuid NOT NULL,
	"manager_id" uuid,
	"department_id" uuid,
	"further_departments" jsonb,
	"inactive" boolean NOT NULL,
	"from" date NOT NULL,
	"until" date,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."subordination" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"department_id" uuid NOT NULL,
	"parent_id" uuid,
	"from" date NOT NULL,
	"until" date,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."journal_entry" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor_id" uuid,
	"actor" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"record_id" uuid,
	"record_version" bigint NOT NULL,
	"subject_id" uuid,
	"event" text COLLATE "C" NOT NULL,
	"changes" jsonb,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."departure" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"from_id" uuid NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"record_id" uuid NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."outbox" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"record_id" uuid,
	"version" bigint NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."lease" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"job" text COLLATE "C" NOT NULL,
	"holder" uuid,
	"until" timestamp with time zone,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."turn" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."tombstone" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"record_id" uuid NOT NULL,
	"into_id" uuid NOT NULL,
	"merge_id" uuid NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"updated_by" uuid,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."owner_change" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor_id" uuid,
	"kind" text COLLATE "C" NOT NULL,
	"record_id" uuid NOT NULL,
	"was_id" uuid NOT NULL,
	"record_version" bigint NOT NULL,
	"from_id" uuid,
	"from_department_id" uuid,
	"to_id" uuid,
	"to_department_id" uuid,
	"maker" boolean NOT NULL,
	"event" text COLLATE "C" NOT NULL,
	"reason" text COLLATE "C" NOT NULL,
	"effective_on" date,
	"handover_id" uuid,
	"line_id" uuid,
	"undo" boolean NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"updated_by" uuid,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."merge" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"owner_id" uuid,
	"department_id" uuid,
	"kind" text COLLATE "C" NOT NULL,
	"winner_id" uuid NOT NULL,
	"loser_ids" jsonb,
	"reason" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"counts" jsonb,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."merge_step" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"merge_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"record_id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	"removed" jsonb,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."import" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"owner_id" uuid,
	"department_id" uuid,
	"target" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"columns" jsonb,
	"mapping" jsonb,
	"key" text COLLATE "C" NOT NULL,
	"clear" boolean NOT NULL,
	"duplicates" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."import_progress" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"import_id" uuid NOT NULL,
	"lines" bigint NOT NULL,
	"created" bigint NOT NULL,
	"updated" bigint NOT NULL,
	"unchanged" bigint NOT NULL,
	"skipped" bigint NOT NULL,
	"refused" bigint NOT NULL,
	"unlinked" bigint NOT NULL,
	"undone" bigint NOT NULL,
	"left" bigint NOT NULL,
	"fingerprint" text COLLATE "C" NOT NULL,
	"told" bigint NOT NULL,
	"at" bigint NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."import_line" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"line" bigint NOT NULL,
	"action" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"record_id" uuid,
	"record_version" bigint NOT NULL,
	"former" jsonb,
	"cells" jsonb,
	"problems" jsonb,
	"links" jsonb,
	"undone" boolean NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."erasure" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"kind" text COLLATE "C" NOT NULL,
	"person_id" uuid NOT NULL,
	"reason" text COLLATE "C" NOT NULL,
	"pseudonym" text COLLATE "C" NOT NULL,
	"removed" boolean NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"readmit_reason" text COLLATE "C" NOT NULL,
	"counts" jsonb,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."erased_key" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"erasure_id" uuid NOT NULL,
	"hash" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."handover" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"owner_id" uuid,
	"department_id" uuid,
	"from_id" uuid,
	"from_department_id" uuid,
	"reason" text COLLATE "C" NOT NULL,
	"effective_on" date,
	"state" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."handover_line" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"handover_id" uuid NOT NULL,
	"position" bigint NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"where" jsonb,
	"ids" jsonb,
	"to_id" uuid,
	"replace_department" boolean NOT NULL,
	"department_id" uuid,
	"replace_maker" boolean NOT NULL,
	"end_shares" jsonb,
	"keep_until" timestamp with time zone,
	"selected" bigint NOT NULL,
	"blocked" bigint NOT NULL,
	"moved" bigint NOT NULL,
	"left" bigint NOT NULL,
	"undone" bigint NOT NULL,
	"left_records" jsonb,
	"cursor" text COLLATE "C" NOT NULL,
	"finished" boolean NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."handover_share" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"line_id" uuid NOT NULL,
	"share_id" uuid NOT NULL,
	"share_version" bigint NOT NULL,
	"until" timestamp with time zone,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."product" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"name" text COLLATE "C" NOT NULL,
	"code" text COLLATE "C" NOT NULL,
	"series" text COLLATE "C" NOT NULL,
	"list_price" numeric CHECK (abs("list_price") <= 9223372036854.775807),
	"name_fold" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."document" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"owner_id" uuid,
	"department_id" uuid,
	"subject_kind" text COLLATE "C" NOT NULL,
	"subject_id" uuid,
	"title" text COLLATE "C" NOT NULL,
	"category" text COLLATE "C" NOT NULL,
	"keywords" text COLLATE "C" NOT NULL,
	"revision" bigint NOT NULL,
	"file_name" text COLLATE "C" NOT NULL,
	"media_type" text COLLATE "C" NOT NULL,
	"size" bigint NOT NULL,
	"sha256" text COLLATE "C" NOT NULL,
	"title_fold" text COLLATE "C" NOT NULL,
	"keywords_fold" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."document_revision" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"document_id" uuid NOT NULL,
	"number" bigint NOT NULL,
	"file_name" text COLLATE "C" NOT NULL,
	"media_type" text COLLATE "C" NOT NULL,
	"size" bigint NOT NULL,
	"sha256" text COLLATE "C" NOT NULL,
	"note" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."document_chunk" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"blob_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"put_at" timestamp with time zone NOT NULL,
	"data" bytea,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."customer" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"owner_id" uuid,
	"department_id" uuid,
	"name" text COLLATE "C" NOT NULL,
	"short_name" text COLLATE "C" NOT NULL,
	"code" text COLLATE "C" NOT NULL,
	"type" text COLLATE "C" NOT NULL,
	"parent_id" uuid,
	"status" text COLLATE "C" NOT NULL,
	"standing" text COLLATE "C" NOT NULL,
	"trading_since" date,
	"state_reason" text COLLATE "C" NOT NULL,
	"last_contact_on" date,
	"source" text COLLATE "C" NOT NULL,
	"value" text COLLATE "C" NOT NULL,
	"industry" text COLLATE "C" NOT NULL,
	"relation_level" text COLLATE "C" NOT NULL,
	"region" text COLLATE "C" NOT NULL,
	"importance" text COLLATE "C" NOT NULL,
	"country" text COLLATE "C" NOT NULL,
	"phone" text COLLATE "C" NOT NULL,
	"email" text COLLATE "C" NOT NULL,
	"website" text COLLATE "C" NOT NULL,
	"tax_id" text COLLATE "C" NOT NULL,
	"annual_revenue" numeric CHECK (abs("annual_revenue") <= 922337203685477.5807),
	"employees" bigint,
	"given_name" text COLLATE "C" NOT NULL,
	"family_name" text COLLATE "C" NOT NULL,
	"gender" text COLLATE "C" NOT NULL,
	"birthday" date,
	"hobbies" text COLLATE "C" NOT NULL,
	"preferred_channel" text COLLATE "C" NOT NULL,
	"language" text COLLATE "C" NOT NULL,
	"contact_from" bigint,
	"contact_until" bigint,
	"interests" text COLLATE "C" NOT NULL,
	"pool_id" uuid,
	"pooled_at" timestamp with time zone,
	"pool_reason" text COLLATE "C" NOT NULL,
	"quiet_since" date,
	"reserved_until" date,
	"taken_from_id" uuid,
	"name_fold" text COLLATE "C" NOT NULL,
	"short_name_fold" text COLLATE "C" NOT NULL,
	"search_text" text COLLATE "C" NOT NULL,
	"search_tokens" text COLLATE "C",
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."contact" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"customer_id" uuid NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"title" text COLLATE "C" NOT NULL,
	"department" text COLLATE "C" NOT NULL,
	"phone" text COLLATE "C" NOT NULL,
	"mobile" text COLLATE "C" NOT NULL,
	"email" text COLLATE "C" NOT NULL,
	"wechat" text COLLATE "C" NOT NULL,
	"is_primary" boolean NOT NULL,
	"inactive" boolean NOT NULL,
	"role" text COLLATE "C" NOT NULL,
	"influence" bigint,
	"attitude" text COLLATE "C" NOT NULL,
	"relation_level" text COLLATE "C" NOT NULL,
	"assistant" text COLLATE "C" NOT NULL,
	"assistant_phone" text COLLATE "C" NOT NULL,
	"given_name" text COLLATE "C" NOT NULL,
	"family_name" text COLLATE "C" NOT NULL,
	"gender" text COLLATE "C" NOT NULL,
	"birthday" date,
	"hobbies" text COLLATE "C" NOT NULL,
	"preferred_channel" text COLLATE "C" NOT NULL,
	"language" text COLLATE "C" NOT NULL,
	"contact_from" bigint,
	"contact_until" bigint,
	"interests" text COLLATE "C" NOT NULL,
	"name_fold" text COLLATE "C" NOT NULL,
	"search_text" text COLLATE "C" NOT NULL,
	"search_tokens" text COLLATE "C",
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."address" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"customer_id" uuid NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"is_default" boolean NOT NULL,
	"country" text COLLATE "C" NOT NULL,
	"province" text COLLATE "C" NOT NULL,
	"city" text COLLATE "C" NOT NULL,
	"district" text COLLATE "C" NOT NULL,
	"street" text COLLATE "C" NOT NULL,
	"postcode" text COLLATE "C" NOT NULL,
	"addressee" text COLLATE "C" NOT NULL,
	"phone" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."teammate" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"customer_id" uuid NOT NULL,
	"employee_id" uuid NOT NULL,
	"role" text COLLATE "C" NOT NULL,
	"level" bigint NOT NULL,
	"until" timestamp with time zone,
	"share_id" uuid,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."relation" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"customer_id" uuid NOT NULL,
	"from_contact_id" uuid,
	"to_customer_id" uuid NOT NULL,
	"to_contact_id" uuid,
	"kind" text COLLATE "C" NOT NULL,
	"strength" bigint,
	"note" text COLLATE "C" NOT NULL,
	"ends" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."consent" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"customer_id" uuid NOT NULL,
	"contact_id" uuid,
	"channel" text COLLATE "C" NOT NULL,
	"purpose" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"since" timestamp with time zone NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."consent_entry" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"customer_id" uuid NOT NULL,
	"contact_id" uuid,
	"channel" text COLLATE "C" NOT NULL,
	"purpose" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"at" timestamp with time zone,
	"source" text COLLATE "C" NOT NULL,
	"evidence" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."match_key" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"former_id" uuid,
	"key" text COLLATE "C" NOT NULL,
	"normaliser" bigint NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."pool" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"name" text COLLATE "C" NOT NULL,
	"members" jsonb,
	"hidden_fields" jsonb,
	"daily_limit" bigint NOT NULL,
	"hold_limit" bigint NOT NULL,
	"cool_down_days" bigint NOT NULL,
	"recycle" jsonb,
	"department_id" uuid,
	"exempt" jsonb,
	"position" bigint NOT NULL,
	"inactive" boolean NOT NULL,
	"name_fold" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."pool_stay" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"customer_id" uuid NOT NULL,
	"pool_id" uuid NOT NULL,
	"from_id" uuid,
	"since" timestamp with time zone NOT NULL,
	"came_by" text COLLATE "C" NOT NULL,
	"by_id" uuid,
	"reason" text COLLATE "C" NOT NULL,
	"until" timestamp with time zone,
	"left_by" text COLLATE "C" NOT NULL,
	"to_id" uuid,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."assignment_rule" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"name" text COLLATE "C" NOT NULL,
	"position" bigint NOT NULL,
	"where" jsonb,
	"strategy" text COLLATE "C" NOT NULL,
	"members" jsonb,
	"inactive" boolean NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."assignment_turn" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"last_id" uuid NOT NULL,
	"given" bigint NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."pipeline" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"name" text COLLATE "C" NOT NULL,
	"allow_skip" boolean NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."stage" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"pipeline_id" uuid,
	"name" text COLLATE "C" NOT NULL,
	"position" bigint NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"probability" numeric NOT NULL CHECK (abs("probability") <= 922337203685477.5807),
	"standard_days" bigint,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."opportunity" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"owner_id" uuid,
	"department_id" uuid,
	"credit_owner_id" uuid,
	"credit_manager_id" uuid,
	"credit_department_id" uuid,
	"name" text COLLATE "C" NOT NULL,
	"customer_id" uuid,
	"product_id" uuid,
	"pipeline_id" uuid,
	"amount" numeric CHECK (abs("amount") <= 922337203685477.5807),
	"expected_close" date,
	"stage_id" uuid,
	"opened_on" date,
	"state" text COLLATE "C" NOT NULL,
	"stage_since" date,
	"closed_on" date,
	"days_to_close" bigint,
	"last_stage_id" uuid,
	"furthest" bigint NOT NULL,
	"reason" text COLLATE "C" NOT NULL,
	"visits" bigint NOT NULL,
	"name_fold" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."stage_log" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"custom" jsonb,
	"credit_owner_id" uuid,
	"credit_manager_id" uuid,
	"credit_department_id" uuid,
	"opportunity_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"stage_id" uuid,
	"entered_on" date,
	"left_on" date,
	"days" bigint,
	"reason" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE INDEX "crm_dictionary_entry_created_at_idx" ON "crm"."dictionary_entry" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_dictionary_entry_dictionary_code_key" ON "crm"."dictionary_entry" ("tenant_id", "dictionary", "code") WHERE "dictionary" <> '' AND "code" <> '';
CREATE INDEX "crm_custom_field_created_at_idx" ON "crm"."custom_field" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_custom_field_kind_name_key" ON "crm"."custom_field" ("tenant_id", "kind", "name") WHERE "kind" <> '' AND "name" <> '';
CREATE INDEX "crm_number_rule_created_at_idx" ON "crm"."number_rule" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_number_rule_kind_field_key" ON "crm"."number_rule" ("tenant_id", "kind", "field") WHERE "kind" <> '' AND "field" <> '';
CREATE INDEX "crm_view_created_at_idx" ON "crm"."view" ("tenant_id", "created_at", "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_view_owner_id_created_at_idx" ON "crm"."view" ("tenant_id", "owner_id" NULLS FIRST, "created_at", "id");
CREATE INDEX "crm_view_department_id_created_at_idx" ON "crm"."view" ("tenant_id", "department_id" NULLS FIRST, "created_at", "id") INCLUDE ("owner_id");
CREATE INDEX "crm_view_kind_name_idx" ON "crm"."view" ("tenant_id", "kind", "name", "id");
CREATE INDEX "crm_view_role_id_idx" ON "crm"."view" ("tenant_id", "role_id" NULLS FIRST, "id");
CREATE INDEX "crm_view_pin_created_at_idx" ON "crm"."view_pin" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_view_pin_employee_id_view_id_key" ON "crm"."view_pin" ("tenant_id", "employee_id", "view_id");
CREATE INDEX "crm_view_pin_employee_id_idx" ON "crm"."view_pin" ("tenant_id", "employee_id", "id");
CREATE INDEX "crm_view_pin_view_id_idx" ON "crm"."view_pin" ("tenant_id", "view_id", "id");
CREATE INDEX "crm_department_created_at_idx" ON "crm"."department" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_department_code_key" ON "crm"."department" ("tenant_id", "code") WHERE "code" <> '';
CREATE INDEX "crm_department_parent_id_idx" ON "crm"."department" ("tenant_id", "parent_id" NULLS FIRST, "id");
CREATE INDEX "crm_employee_created_at_idx" ON "crm"."employee" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_employee_code_key" ON "crm"."employee" ("tenant_id", "code") WHERE "code" <> '';
CREATE UNIQUE INDEX "crm_employee_host_user_key" ON "crm"."employee" ("tenant_id", "host_user") WHERE "host_user" <> '';
CREATE INDEX "crm_employee_manager_id_idx" ON "crm"."employee" ("tenant_id", "manager_id" NULLS FIRST, "id");
CREATE INDEX "crm_employee_department_id_idx" ON "crm"."employee" ("tenant_id", "department_id" NULLS FIRST, "id");
CREATE INDEX "crm_role_created_at_idx" ON "crm"."role" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_role_name_key" ON "crm"."role" ("tenant_id", "name") WHERE "name" <> '';
CREATE INDEX "crm_share_created_at_idx" ON "crm"."share" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_share_kind_record_id_principal_id_cause_key" ON "crm"."share" ("tenant_id", "kind", "record_id", "principal_id", "cause") WHERE "kind" <> '' AND "cause" <> '';
CREATE INDEX "crm_share_kind_principal_id_record_created_at_record_id_idx" ON "crm"."share" ("tenant_id", "kind", "principal_id", "record_created_at", "record_id", "id");
CREATE INDEX "crm_share_kind_record_id_principal_id_idx" ON "crm"."share" ("tenant_id", "kind", "record_id", "principal_id", "id");
CREATE UNIQUE INDEX "crm_reach_ancestor_id_descendant_id_key" ON "crm"."reach" ("tenant_id", "ancestor_id", "descendant_id");
CREATE INDEX "crm_reach_descendant_id_idx" ON "crm"."reach" ("tenant_id", "descendant_id", "id");
CREATE INDEX "crm_sharing_rule_created_at_idx" ON "crm"."sharing_rule" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_deputy_created_at_idx" ON "crm"."deputy" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_deputy_employee_id_idx" ON "crm"."deputy" ("tenant_id", "employee_id", "id");
CREATE INDEX "crm_deputy_deputy_id_idx" ON "crm"."deputy" ("tenant_id", "deputy_id", "id");
CREATE INDEX "crm_posting_created_at_idx" ON "crm"."posting" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_posting_employee_id_from_key" ON "crm"."posting" ("tenant_id", "employee_id", "from");
CREATE INDEX "crm_subordination_created_at_idx" ON "crm"."subordination" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_subordination_department_id_from_key" ON "crm"."subordination" ("tenant_id", "department_id", "from");
CREATE INDEX "crm_journal_entry_kind_record_id_record_version_idx" ON "crm"."journal_entry" ("tenant_id", "kind", "record_id" NULLS FIRST, "record_version", "id");
CREATE INDEX "crm_journal_entry_subject_id_at_idx" ON "crm"."journal_entry" ("tenant_id", "subject_id" NULLS FIRST, "at", "id");
CREATE INDEX "crm_journal_entry_at_idx" ON "crm"."journal_entry" ("tenant_id", "at", "id");
CREATE INDEX "crm_departure_from_id_idx" ON "crm"."departure" ("tenant_id", "from_id", "id");
CREATE INDEX "crm_outbox_record_id_version_idx" ON "crm"."outbox" ("tenant_id", "record_id" NULLS FIRST, "version", "id");
CREATE UNIQUE INDEX "crm_tombstone_kind_record_id_key" ON "crm"."tombstone" ("tenant_id", "kind", "record_id") WHERE "kind" <> '';
CREATE INDEX "crm_tombstone_merge_id_idx" ON "crm"."tombstone" ("tenant_id", "merge_id", "id");
CREATE INDEX "crm_tombstone_kind_into_id_idx" ON "crm"."tombstone" ("tenant_id", "kind", "into_id", "id");
CREATE INDEX "crm_owner_change_line_id_id_idx" ON "crm"."owner_change" ("tenant_id", "line_id" NULLS FIRST, "id");
CREATE INDEX "crm_owner_change_kind_record_id_idx" ON "crm"."owner_change" ("tenant_id", "kind", "record_id", "id");
CREATE INDEX "crm_owner_change_from_id_idx" ON "crm"."owner_change" ("tenant_id", "from_id" NULLS FIRST, "id");
CREATE INDEX "crm_owner_change_to_id_idx" ON "crm"."owner_change" ("tenant_id", "to_id" NULLS FIRST, "id");
CREATE INDEX "crm_merge_created_at_idx" ON "crm"."merge" ("tenant_id", "created_at", "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_merge_owner_id_created_at_idx" ON "crm"."merge" ("tenant_id", "owner_id" NULLS FIRST, "created_at", "id");
CREATE INDEX "crm_merge_department_id_created_at_idx" ON "crm"."merge" ("tenant_id", "department_id" NULLS FIRST, "created_at", "id") INCLUDE ("owner_id");
CREATE INDEX "crm_merge_kind_winner_id_idx" ON "crm"."merge" ("tenant_id", "kind", "winner_id", "id");
CREATE UNIQUE INDEX "crm_merge_step_merge_id_seq_key" ON "crm"."merge_step" ("tenant_id", "merge_id", "seq");
CREATE INDEX "crm_merge_step_merge_id_idx" ON "crm"."merge_step" ("tenant_id", "merge_id", "id");
CREATE INDEX "crm_merge_step_kind_record_id_idx" ON "crm"."merge_step" ("tenant_id", "kind", "record_id", "id");
CREATE INDEX "crm_import_created_at_idx" ON "crm"."import" ("tenant_id", "created_at", "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_import_owner_id_created_at_idx" ON "crm"."import" ("tenant_id", "owner_id" NULLS FIRST, "created_at", "id");
CREATE INDEX "crm_import_department_id_created_at_idx" ON "crm"."import" ("tenant_id", "department_id" NULLS FIRST, "created_at", "id") INCLUDE ("owner_id");
CREATE INDEX "crm_import_progress_import_id_idx" ON "crm"."import_progress" ("tenant_id", "import_id", "id");
CREATE UNIQUE INDEX "crm_import_line_import_id_seq_key" ON "crm"."import_line" ("tenant_id", "import_id", "seq");
CREATE INDEX "crm_import_line_seq_idx" ON "crm"."import_line" ("tenant_id", "seq", "id");
CREATE INDEX "crm_import_line_kind_record_id_idx" ON "crm"."import_line" ("tenant_id", "kind", "record_id" NULLS FIRST, "id");
CREATE INDEX "crm_import_line_import_id_idx" ON "crm"."import_line" ("tenant_id", "import_id", "id");
CREATE INDEX "crm_erasure_created_at_idx" ON "crm"."erasure" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_erasure_kind_person_id_idx" ON "crm"."erasure" ("tenant_id", "kind", "person_id", "id");
CREATE INDEX "crm_erased_key_hash_idx" ON "crm"."erased_key" ("tenant_id", "hash", "id");
CREATE INDEX "crm_erased_key_erasure_id_idx" ON "crm"."erased_key" ("tenant_id", "erasure_id", "id");
CREATE INDEX "crm_handover_created_at_idx" ON "crm"."handover" ("tenant_id", "created_at", "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_handover_owner_id_created_at_idx" ON "crm"."handover" ("tenant_id", "owner_id" NULLS FIRST, "created_at", "id");
CREATE INDEX "crm_handover_department_id_created_at_idx" ON "crm"."handover" ("tenant_id", "department_id" NULLS FIRST, "created_at", "id") INCLUDE ("owner_id");
CREATE INDEX "crm_handover_from_id_idx" ON "crm"."handover" ("tenant_id", "from_id" NULLS FIRST, "id");
CREATE INDEX "crm_handover_line_created_at_idx" ON "crm"."handover_line" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_handover_line_handover_id_position_key" ON "crm"."handover_line" ("tenant_id", "handover_id", "position");
CREATE INDEX "crm_handover_line_handover_id_idx" ON "crm"."handover_line" ("tenant_id", "handover_id", "id");
CREATE INDEX "crm_handover_line_to_id_idx" ON "crm"."handover_line" ("tenant_id", "to_id" NULLS FIRST, "id");
CREATE INDEX "crm_handover_line_department_id_idx" ON "crm"."handover_line" ("tenant_id", "department_id" NULLS FIRST, "id");
CREATE INDEX "crm_handover_share_line_id_share_id_idx" ON "crm"."handover_share" ("tenant_id", "line_id", "share_id", "id");
CREATE INDEX "crm_product_created_at_idx" ON "crm"."product" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_product_code_key" ON "crm"."product" ("tenant_id", "code") WHERE "code" <> '';
CREATE INDEX "crm_product_name_idx" ON "crm"."product" ("tenant_id", "name", "id");
CREATE INDEX "crm_document_created_at_idx" ON "crm"."document" ("tenant_id", "created_at", "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_document_owner_id_created_at_idx" ON "crm"."document" ("tenant_id", "owner_id" NULLS FIRST, "created_at", "id");
CREATE INDEX "crm_document_department_id_created_at_idx" ON "crm"."document" ("tenant_id", "department_id" NULLS FIRST, "created_at", "id") INCLUDE ("owner_id");
CREATE INDEX "crm_document_category_idx" ON "crm"."document" ("tenant_id", "category", "id");
CREATE INDEX "crm_document_subject_kind_subject_id_idx" ON "crm"."document" ("tenant_id", "subject_kind", "subject_id" NULLS FIRST, "id");
CREATE INDEX "crm_document_revision_created_at_idx" ON "crm"."document_revision" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_document_revision_document_id_number_key" ON "crm"."document_revision" ("tenant_id", "document_id", "number");
CREATE INDEX "crm_document_revision_document_id_idx" ON "crm"."document_revision" ("tenant_id", "document_id", "id");
CREATE UNIQUE INDEX "crm_document_chunk_blob_id_seq_key" ON "crm"."document_chunk" ("tenant_id", "blob_id", "seq");
CREATE INDEX "crm_customer_created_at_idx" ON "crm"."customer" ("tenant_id", "created_at", "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_customer_owner_id_created_at_idx" ON "crm"."customer" ("tenant_id", "owner_id" NULLS FIRST, "created_at", "id");
CREATE INDEX "crm_customer_department_id_created_at_idx" ON "crm"."customer" ("tenant_id", "department_id" NULLS FIRST, "created_at", "id") INCLUDE ("owner_id");
CREATE INDEX "crm_customer_last_contact_on_idx" ON "crm"."customer" ("tenant_id", "last_contact_on" NULLS FIRST, "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_customer_owner_id_last_contact_on_idx" ON "crm"."customer" ("tenant_id", "owner_id" NULLS FIRST, "last_contact_on" NULLS FIRST, "id");
CREATE INDEX "crm_customer_department_id_last_contact_on_idx" ON "crm"."customer" ("tenant_id", "department_id" NULLS FIRST, "last_contact_on" NULLS FIRST, "id") INCLUDE ("owner_id");
CREATE UNIQUE INDEX "crm_customer_code_key" ON "crm"."customer" ("tenant_id", "code") WHERE "code" <> '';
CREATE UNIQUE INDEX "crm_customer_tax_id_key" ON "crm"."customer" ("tenant_id", "tax_id") WHERE "tax_id" <> '';
CREATE INDEX "crm_customer_phone_idx" ON "crm"."customer" ("tenant_id", "phone", "id");
CREATE INDEX "crm_customer_email_idx" ON "crm"."customer" ("tenant_id", "email", "id");
CREATE INDEX "crm_customer_pool_id_pooled_at_idx" ON "crm"."customer" ("tenant_id", "pool_id" NULLS FIRST, "pooled_at" NULLS FIRST, "id");
CREATE INDEX "crm_customer_quiet_since_idx" ON "crm"."customer" ("tenant_id", "quiet_since" NULLS FIRST, "id");
CREATE INDEX "crm_customer_parent_id_idx" ON "crm"."customer" ("tenant_id", "parent_id" NULLS FIRST, "id");
CREATE INDEX "crm_customer_taken_from_id_idx" ON "crm"."customer" ("tenant_id", "taken_from_id" NULLS FIRST, "id");
CREATE INDEX "crm_contact_created_at_idx" ON "crm"."contact" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_contact_phone_idx" ON "crm"."contact" ("tenant_id", "phone", "id");
CREATE INDEX "crm_contact_mobile_idx" ON "crm"."contact" ("tenant_id", "mobile", "id");
CREATE INDEX "crm_contact_email_idx" ON "crm"."contact" ("tenant_id", "email", "id");
CREATE INDEX "crm_contact_customer_id_is_primary_idx" ON "crm"."contact" ("tenant_id", "customer_id", "is_primary", "id");
CREATE INDEX "crm_address_created_at_idx" ON "crm"."address" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_address_customer_id_kind_idx" ON "crm"."address" ("tenant_id", "customer_id", "kind", "id");
CREATE INDEX "crm_teammate_created_at_idx" ON "crm"."teammate" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_teammate_customer_id_employee_id_key" ON "crm"."teammate" ("tenant_id", "customer_id", "employee_id");
CREATE INDEX "crm_teammate_customer_id_idx" ON "crm"."teammate" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_teammate_employee_id_idx" ON "crm"."teammate" ("tenant_id", "employee_id", "id");
CREATE INDEX "crm_teammate_share_id_idx" ON "crm"."teammate" ("tenant_id", "share_id" NULLS FIRST, "id");
CREATE INDEX "crm_relation_created_at_idx" ON "crm"."relation" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_relation_ends_key" ON "crm"."relation" ("tenant_id", "ends") WHERE "ends" <> '';
CREATE INDEX "crm_relation_customer_id_idx" ON "crm"."relation" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_relation_from_contact_id_idx" ON "crm"."relation" ("tenant_id", "from_contact_id" NULLS FIRST, "id");
CREATE INDEX "crm_relation_to_customer_id_idx" ON "crm"."relation" ("tenant_id", "to_customer_id", "id");
CREATE INDEX "crm_relation_to_contact_id_idx" ON "crm"."relation" ("tenant_id", "to_contact_id" NULLS FIRST, "id");
CREATE INDEX "crm_consent_created_at_idx" ON "crm"."consent" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_consent_channel_purpose_state_idx" ON "crm"."consent" ("tenant_id", "channel", "purpose", "state", "id");
CREATE INDEX "crm_consent_customer_id_contact_id_idx" ON "crm"."consent" ("tenant_id", "customer_id", "contact_id" NULLS FIRST, "id");
CREATE INDEX "crm_consent_contact_id_channel_purpose_idx" ON "crm"."consent" ("tenant_id", "contact_id" NULLS FIRST, "channel", "purpose", "id");
CREATE INDEX "crm_consent_entry_created_at_idx" ON "crm"."consent_entry" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_consent_entry_customer_id_idx" ON "crm"."consent_entry" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_consent_entry_contact_id_idx" ON "crm"."consent_entry" ("tenant_id", "contact_id" NULLS FIRST, "id");
CREATE INDEX "crm_match_key_key_idx" ON "crm"."match_key" ("tenant_id", "key", "id");
CREATE INDEX "crm_match_key_normaliser_idx" ON "crm"."match_key" ("tenant_id", "normaliser", "id");
CREATE INDEX "crm_match_key_former_id_idx" ON "crm"."match_key" ("tenant_id", "former_id" NULLS FIRST, "id");
CREATE INDEX "crm_match_key_customer_id_idx" ON "crm"."match_key" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_pool_created_at_idx" ON "crm"."pool" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_pool_name_key" ON "crm"."pool" ("tenant_id", "name") WHERE "name" <> '';
CREATE INDEX "crm_pool_department_id_idx" ON "crm"."pool" ("tenant_id", "department_id" NULLS FIRST, "id");
CREATE INDEX "crm_pool_stay_created_at_idx" ON "crm"."pool_stay" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_pool_stay_to_id_until_idx" ON "crm"."pool_stay" ("tenant_id", "to_id" NULLS FIRST, "until" NULLS FIRST, "id");
CREATE INDEX "crm_pool_stay_customer_id_idx" ON "crm"."pool_stay" ("tenant_id", "customer_id", "id");
CREATE INDEX "crm_pool_stay_pool_id_idx" ON "crm"."pool_stay" ("tenant_id", "pool_id", "id");
CREATE INDEX "crm_pool_stay_from_id_idx" ON "crm"."pool_stay" ("tenant_id", "from_id" NULLS FIRST, "id");
CREATE INDEX "crm_pool_stay_by_id_idx" ON "crm"."pool_stay" ("tenant_id", "by_id" NULLS FIRST, "id");
CREATE INDEX "crm_assignment_rule_created_at_idx" ON "crm"."assignment_rule" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_assignment_rule_position_idx" ON "crm"."assignment_rule" ("tenant_id", "position", "id");
CREATE INDEX "crm_assignment_turn_last_id_idx" ON "crm"."assignment_turn" ("tenant_id", "last_id", "id");
CREATE INDEX "crm_pipeline_created_at_idx" ON "crm"."pipeline" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_pipeline_name_key" ON "crm"."pipeline" ("tenant_id", "name") WHERE "name" <> '';
CREATE INDEX "crm_stage_created_at_idx" ON "crm"."stage" ("tenant_id", "created_at", "id");
CREATE UNIQUE INDEX "crm_stage_pipeline_id_position_key" ON "crm"."stage" ("tenant_id", "pipeline_id", "position") WHERE "pipeline_id" IS NOT NULL;
CREATE UNIQUE INDEX "crm_stage_pipeline_id_name_key" ON "crm"."stage" ("tenant_id", "pipeline_id", "name") WHERE "pipeline_id" IS NOT NULL AND "name" <> '';
CREATE INDEX "crm_stage_pipeline_id_idx" ON "crm"."stage" ("tenant_id", "pipeline_id" NULLS FIRST, "id");
CREATE INDEX "crm_opportunity_created_at_idx" ON "crm"."opportunity" ("tenant_id", "created_at", "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_opportunity_owner_id_created_at_idx" ON "crm"."opportunity" ("tenant_id", "owner_id" NULLS FIRST, "created_at", "id");
CREATE INDEX "crm_opportunity_department_id_created_at_idx" ON "crm"."opportunity" ("tenant_id", "department_id" NULLS FIRST, "created_at", "id") INCLUDE ("owner_id");
CREATE INDEX "crm_opportunity_credit_owner_id_idx" ON "crm"."opportunity" ("tenant_id", "credit_owner_id" NULLS FIRST, "id");
CREATE INDEX "crm_opportunity_credit_manager_id_idx" ON "crm"."opportunity" ("tenant_id", "credit_manager_id" NULLS FIRST, "id");
CREATE INDEX "crm_opportunity_credit_department_id_idx" ON "crm"."opportunity" ("tenant_id", "credit_department_id" NULLS FIRST, "id");
CREATE INDEX "crm_opportunity_state_closed_on_idx" ON "crm"."opportunity" ("tenant_id", "state", "closed_on" NULLS FIRST, "id");
CREATE INDEX "crm_opportunity_customer_id_idx" ON "crm"."opportunity" ("tenant_id", "customer_id" NULLS FIRST, "id");
CREATE INDEX "crm_opportunity_product_id_idx" ON "crm"."opportunity" ("tenant_id", "product_id" NULLS FIRST, "id");
CREATE INDEX "crm_opportunity_pipeline_id_idx" ON "crm"."opportunity" ("tenant_id", "pipeline_id" NULLS FIRST, "id");
CREATE INDEX "crm_opportunity_stage_id_idx" ON "crm"."opportunity" ("tenant_id", "stage_id" NULLS FIRST, "id");
CREATE INDEX "crm_opportunity_last_stage_id_idx" ON "crm"."opportunity" ("tenant_id", "last_stage_id" NULLS FIRST, "id");
CREATE INDEX "crm_stage_log_created_at_idx" ON "crm"."stage_log" ("tenant_id", "created_at", "id");
CREATE INDEX "crm_stage_log_credit_owner_id_idx" ON "crm"."stage_log" ("tenant_id", "credit_owner_id" NULLS FIRST, "id");
CREATE INDEX "crm_stage_log_credit_manager_id_idx" ON "crm"."stage_log" ("tenant_id", "credit_manager_id" NULLS FIRST, "id");
CREATE INDEX "crm_stage_log_credit_department_id_idx" ON "crm"."stage_log" ("tenant_id", "credit_department_id" NULLS FIRST, "id");
CREATE UNIQUE INDEX "crm_stage_log_opportunity_id_seq_key" ON "crm"."stage_log" ("tenant_id", "opportunity_id", "seq");
CREATE INDEX "crm_stage_log_opportunity_id_idx" ON "crm"."stage_log" ("tenant_id", "opportunity_id", "id");
CREATE INDEX "crm_stage_log_stage_id_idx" ON "crm"."stage_log" ("tenant_id", "stage_id" NULLS FIRST, "id");
ALTER TABLE "crm"."view" ADD CONSTRAINT "crm_view_owner_id_idx" FOREIGN KEY ("tenant_id", "owner_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."view" ADD CONSTRAINT "crm_view_department_id_idx" FOREIGN KEY ("tenant_id", "department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."view" ADD CONSTRAINT "crm_view_role_id_idx" FOREIGN KEY ("tenant_id", "role_id") REFERENCES "crm"."role" ("tenant_id", "id");
ALTER TABLE "crm"."view_pin" ADD CONSTRAINT "crm_view_pin_employee_id_idx" FOREIGN KEY ("tenant_id", "employee_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."view_pin" ADD CONSTRAINT "crm_view_pin_view_id_idx" FOREIGN KEY ("tenant_id", "view_id") REFERENCES "crm"."view" ("tenant_id", "id");
ALTER TABLE "crm"."department" ADD CONSTRAINT "crm_department_parent_id_idx" FOREIGN KEY ("tenant_id", "parent_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."employee" ADD CONSTRAINT "crm_employee_manager_id_idx" FOREIGN KEY ("tenant_id", "manager_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."employee" ADD CONSTRAINT "crm_employee_department_id_idx" FOREIGN KEY ("tenant_id", "department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."deputy" ADD CONSTRAINT "crm_deputy_employee_id_idx" FOREIGN KEY ("tenant_id", "employee_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."deputy" ADD CONSTRAINT "crm_deputy_deputy_id_idx" FOREIGN KEY ("tenant_id", "deputy_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."owner_change" ADD CONSTRAINT "crm_owner_change_from_id_idx" FOREIGN KEY ("tenant_id", "from_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."owner_change" ADD CONSTRAINT "crm_owner_change_to_id_idx" FOREIGN KEY ("tenant_id", "to_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."merge" ADD CONSTRAINT "crm_merge_owner_id_idx" FOREIGN KEY ("tenant_id", "owner_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."merge" ADD CONSTRAINT "crm_merge_department_id_idx" FOREIGN KEY ("tenant_id", "department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."merge_step" ADD CONSTRAINT "crm_merge_step_merge_id_idx" FOREIGN KEY ("tenant_id", "merge_id") REFERENCES "crm"."merge" ("tenant_id", "id");
ALTER TABLE "crm"."import" ADD CONSTRAINT "crm_import_owner_id_idx" FOREIGN KEY ("tenant_id", "owner_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."import" ADD CONSTRAINT "crm_import_department_id_idx" FOREIGN KEY ("tenant_id", "department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."import_progress" ADD CONSTRAINT "crm_import_progress_import_id_idx" FOREIGN KEY ("tenant_id", "import_id") REFERENCES "crm"."import" ("tenant_id", "id");
ALTER TABLE "crm"."import_line" ADD CONSTRAINT "crm_import_line_import_id_idx" FOREIGN KEY ("tenant_id", "import_id") REFERENCES "crm"."import" ("tenant_id", "id");
ALTER TABLE "crm"."erased_key" ADD CONSTRAINT "crm_erased_key_erasure_id_idx" FOREIGN KEY ("tenant_id", "erasure_id") REFERENCES "crm"."erasure" ("tenant_id", "id");
ALTER TABLE "crm"."handover" ADD CONSTRAINT "crm_handover_owner_id_idx" FOREIGN KEY ("tenant_id", "owner_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."handover" ADD CONSTRAINT "crm_handover_department_id_idx" FOREIGN KEY ("tenant_id", "department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."handover" ADD CONSTRAINT "crm_handover_from_id_idx" FOREIGN KEY ("tenant_id", "from_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."handover_line" ADD CONSTRAINT "crm_handover_line_handover_id_idx" FOREIGN KEY ("tenant_id", "handover_id") REFERENCES "crm"."handover" ("tenant_id", "id");
ALTER TABLE "crm"."handover_line" ADD CONSTRAINT "crm_handover_line_to_id_idx" FOREIGN KEY ("tenant_id", "to_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."handover_line" ADD CONSTRAINT "crm_handover_line_department_id_idx" FOREIGN KEY ("tenant_id", "department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."handover_share" ADD CONSTRAINT "crm_handover_share_line_id_idx" FOREIGN KEY ("tenant_id", "line_id") REFERENCES "crm"."handover_line" ("tenant_id", "id");
ALTER TABLE "crm"."document" ADD CONSTRAINT "crm_document_owner_id_idx" FOREIGN KEY ("tenant_id", "owner_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."document" ADD CONSTRAINT "crm_document_department_id_idx" FOREIGN KEY ("tenant_id", "department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."document_revision" ADD CONSTRAINT "crm_document_revision_document_id_idx" FOREIGN KEY ("tenant_id", "document_id") REFERENCES "crm"."document" ("tenant_id", "id");
ALTER TABLE "crm"."customer" ADD CONSTRAINT "crm_customer_owner_id_idx" FOREIGN KEY ("tenant_id", "owner_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."customer" ADD CONSTRAINT "crm_customer_department_id_idx" FOREIGN KEY ("tenant_id", "department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."customer" ADD CONSTRAINT "crm_customer_parent_id_idx" FOREIGN KEY ("tenant_id", "parent_id") REFERENCES "crm"."customer" ("tenant_id", "id");
ALTER TABLE "crm"."customer" ADD CONSTRAINT "crm_customer_pool_id_idx" FOREIGN KEY ("tenant_id", "pool_id") REFERENCES "crm"."pool" ("tenant_id", "id");
ALTER TABLE "crm"."customer" ADD CONSTRAINT "crm_customer_taken_from_id_idx" FOREIGN KEY ("tenant_id", "taken_from_id") REFERENCES "crm"."pool" ("tenant_id", "id");
CREATE INDEX "crm_customer_search_key" ON "crm"."customer" USING gin (array_to_tsvector(string_to_array("search_tokens", ' '))) WITH (fastupdate = on);
ALTER TABLE "crm"."contact" ADD CONSTRAINT "crm_contact_customer_id_idx" FOREIGN KEY ("tenant_id", "customer_id") REFERENCES "crm"."customer" ("tenant_id", "id");
CREATE INDEX "crm_contact_search_key" ON "crm"."contact" USING gin (array_to_tsvector(string_to_array("search_tokens", ' '))) WITH (fastupdate = on);
ALTER TABLE "crm"."address" ADD CONSTRAINT "crm_address_customer_id_idx" FOREIGN KEY ("tenant_id", "customer_id") REFERENCES "crm"."customer" ("tenant_id", "id");
ALTER TABLE "crm"."teammate" ADD CONSTRAINT "crm_teammate_customer_id_idx" FOREIGN KEY ("tenant_id", "customer_id") REFERENCES "crm"."customer" ("tenant_id", "id");
ALTER TABLE "crm"."teammate" ADD CONSTRAINT "crm_teammate_employee_id_idx" FOREIGN KEY ("tenant_id", "employee_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."teammate" ADD CONSTRAINT "crm_teammate_share_id_idx" FOREIGN KEY ("tenant_id", "share_id") REFERENCES "crm"."share" ("tenant_id", "id");
ALTER TABLE "crm"."relation" ADD CONSTRAINT "crm_relation_customer_id_idx" FOREIGN KEY ("tenant_id", "customer_id") REFERENCES "crm"."customer" ("tenant_id", "id");
ALTER TABLE "crm"."relation" ADD CONSTRAINT "crm_relation_from_contact_id_idx" FOREIGN KEY ("tenant_id", "from_contact_id") REFERENCES "crm"."contact" ("tenant_id", "id");
ALTER TABLE "crm"."relation" ADD CONSTRAINT "crm_relation_to_customer_id_idx" FOREIGN KEY ("tenant_id", "to_customer_id") REFERENCES "crm"."customer" ("tenant_id", "id");
ALTER TABLE "crm"."relation" ADD CONSTRAINT "crm_relation_to_contact_id_idx" FOREIGN KEY ("tenant_id", "to_contact_id") REFERENCES "crm"."contact" ("tenant_id", "id");
ALTER TABLE "crm"."consent" ADD CONSTRAINT "crm_consent_customer_id_idx" FOREIGN KEY ("tenant_id", "customer_id") REFERENCES "crm"."customer" ("tenant_id", "id");
ALTER TABLE "crm"."consent" ADD CONSTRAINT "crm_consent_contact_id_idx" FOREIGN KEY ("tenant_id", "contact_id") REFERENCES "crm"."contact" ("tenant_id", "id");
ALTER TABLE "crm"."consent_entry" ADD CONSTRAINT "crm_consent_entry_customer_id_idx" FOREIGN KEY ("tenant_id", "customer_id") REFERENCES "crm"."customer" ("tenant_id", "id");
ALTER TABLE "crm"."consent_entry" ADD CONSTRAINT "crm_consent_entry_contact_id_idx" FOREIGN KEY ("tenant_id", "contact_id") REFERENCES "crm"."contact" ("tenant_id", "id");
ALTER TABLE "crm"."match_key" ADD CONSTRAINT "crm_match_key_customer_id_idx" FOREIGN KEY ("tenant_id", "customer_id") REFERENCES "crm"."customer" ("tenant_id", "id");
ALTER TABLE "crm"."pool" ADD CONSTRAINT "crm_pool_department_id_idx" FOREIGN KEY ("tenant_id", "department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."pool_stay" ADD CONSTRAINT "crm_pool_stay_customer_id_idx" FOREIGN KEY ("tenant_id", "customer_id") REFERENCES "crm"."customer" ("tenant_id", "id");
ALTER TABLE "crm"."pool_stay" ADD CONSTRAINT "crm_pool_stay_pool_id_idx" FOREIGN KEY ("tenant_id", "pool_id") REFERENCES "crm"."pool" ("tenant_id", "id");
ALTER TABLE "crm"."pool_stay" ADD CONSTRAINT "crm_pool_stay_from_id_idx" FOREIGN KEY ("tenant_id", "from_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."pool_stay" ADD CONSTRAINT "crm_pool_stay_by_id_idx" FOREIGN KEY ("tenant_id", "by_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."pool_stay" ADD CONSTRAINT "crm_pool_stay_to_id_idx" FOREIGN KEY ("tenant_id", "to_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."assignment_turn" ADD CONSTRAINT "crm_assignment_turn_last_id_idx" FOREIGN KEY ("tenant_id", "last_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."stage" ADD CONSTRAINT "crm_stage_pipeline_id_idx" FOREIGN KEY ("tenant_id", "pipeline_id") REFERENCES "crm"."pipeline" ("tenant_id", "id");
ALTER TABLE "crm"."opportunity" ADD CONSTRAINT "crm_opportunity_owner_id_idx" FOREIGN KEY ("tenant_id", "owner_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."opportunity" ADD CONSTRAINT "crm_opportunity_department_id_idx" FOREIGN KEY ("tenant_id", "department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."opportunity" ADD CONSTRAINT "crm_opportunity_credit_owner_id_idx" FOREIGN KEY ("tenant_id", "credit_owner_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."opportunity" ADD CONSTRAINT "crm_opportunity_credit_manager_id_idx" FOREIGN KEY ("tenant_id", "credit_manager_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."opportunity" ADD CONSTRAINT "crm_opportunity_credit_department_id_idx" FOREIGN KEY ("tenant_id", "credit_department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."opportunity" ADD CONSTRAINT "crm_opportunity_customer_id_idx" FOREIGN KEY ("tenant_id", "customer_id") REFERENCES "crm"."customer" ("tenant_id", "id");
ALTER TABLE "crm"."opportunity" ADD CONSTRAINT "crm_opportunity_product_id_idx" FOREIGN KEY ("tenant_id", "product_id") REFERENCES "crm"."product" ("tenant_id", "id");
ALTER TABLE "crm"."opportunity" ADD CONSTRAINT "crm_opportunity_pipeline_id_idx" FOREIGN KEY ("tenant_id", "pipeline_id") REFERENCES "crm"."pipeline" ("tenant_id", "id");
ALTER TABLE "crm"."opportunity" ADD CONSTRAINT "crm_opportunity_stage_id_idx" FOREIGN KEY ("tenant_id", "stage_id") REFERENCES "crm"."stage" ("tenant_id", "id");
ALTER TABLE "crm"."opportunity" ADD CONSTRAINT "crm_opportunity_last_stage_id_idx" FOREIGN KEY ("tenant_id", "last_stage_id") REFERENCES "crm"."stage" ("tenant_id", "id");
ALTER TABLE "crm"."stage_log" ADD CONSTRAINT "crm_stage_log_credit_owner_id_idx" FOREIGN KEY ("tenant_id", "credit_owner_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."stage_log" ADD CONSTRAINT "crm_stage_log_credit_manager_id_idx" FOREIGN KEY ("tenant_id", "credit_manager_id") REFERENCES "crm"."employee" ("tenant_id", "id");
ALTER TABLE "crm"."stage_log" ADD CONSTRAINT "crm_stage_log_credit_department_id_idx" FOREIGN KEY ("tenant_id", "credit_department_id") REFERENCES "crm"."department" ("tenant_id", "id");
ALTER TABLE "crm"."stage_log" ADD CONSTRAINT "crm_stage_log_opportunity_id_idx" FOREIGN KEY ("tenant_id", "opportunity_id") REFERENCES "crm"."opportunity" ("tenant_id", "id");
ALTER TABLE "crm"."stage_log" ADD CONSTRAINT "crm_stage_log_stage_id_idx" FOREIGN KEY ("tenant_id", "stage_id") REFERENCES "crm"."stage" ("tenant_id", "id");
