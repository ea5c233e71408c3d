CREATE SCHEMA IF NOT EXISTS "crm";
CREATE TABLE "crm"."migration" ("number" bigint PRIMARY KEY, "name" text NOT NULL, "applied_at" timestamp with time zone NOT NULL);
CREATE TABLE "crm"."thing" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp with time zone,
	"code" text COLLATE "C" NOT NULL,
	"region" text COLLATE "C" NOT NULL,
	"slot" bigint,
	"name" text COLLATE "C" NOT NULL,
	"parent_id" uuid,
	"favourite_id" uuid,
	"owner_id" uuid,
	"department_id" uuid,
	"flag" boolean NOT NULL,
	"flag_n" boolean,
	"count" bigint NOT NULL,
	"count_n" bigint,
	"ratio" double precision NOT NULL,
	"ratio_n" double precision,
	"label" text COLLATE "C" NOT NULL,
	"label_n" text COLLATE "C",
	"long" text COLLATE "C" NOT NULL,
	"blob" bytea,
	"moment" timestamp with time zone,
	"day" date,
	"amount" numeric NOT NULL CHECK (abs("amount") <= 922337203685477.5807),
	"amount_n" numeric CHECK (abs("amount_n") <= 922337203685477.5807),
	"whole" numeric NOT NULL CHECK (abs("whole") <= 9223372036854775807),
	"price" numeric CHECK (abs("price") <= 9223372036854.775807),
	"rate" numeric CHECK (abs("rate") <= 92233720368.54775807),
	"tiny" numeric CHECK (abs("tiny") <= 9223372.036854775807),
	"extra" jsonb,
	"other" uuid,
	"custom" jsonb,
	"name_fold" text COLLATE "C" NOT NULL,
	"search_text" text COLLATE "C" NOT NULL,
	"search_tokens" text COLLATE "C",
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."part" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"thing_id" uuid,
	"owner_id" uuid,
	"department_id" uuid,
	"quantity" bigint NOT NULL,
	"price" numeric CHECK (abs("price") <= 9223372036854.775807),
	"name_fold" text COLLATE "C" NOT NULL,
	"search_text" text COLLATE "C" NOT NULL,
	"search_tokens" text COLLATE "C",
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."note" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"subject_kind" text COLLATE "C" NOT NULL,
	"subject_id" uuid,
	"body" text COLLATE "C" NOT NULL,
	"owner_id" uuid,
	"department_id" uuid,
	"body_fold" text COLLATE "C" NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."reach" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"ancestor_id" uuid,
	"descendant_id" uuid,
	"depth" bigint NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm"."share" (
	"tenant_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"record_id" uuid,
	"created_at" timestamp with time zone,
	"principal_id" uuid,
	"level" bigint NOT NULL,
	"expires_at" timestamp with time zone,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE UNIQUE INDEX "crm_thing_code_key" ON "crm"."thing" ("tenant_id", "code") WHERE "code" <> '';
CREATE UNIQUE INDEX "crm_thing_region_slot_key" ON "crm"."thing" ("tenant_id", "region", "slot") WHERE "region" <> '' AND "slot" IS NOT NULL;
CREATE INDEX "crm_thing_label_count_idx" ON "crm"."thing" ("tenant_id", "label", "count", "id");
CREATE INDEX "crm_thing_parent_id_idx" ON "crm"."thing" ("tenant_id", "parent_id" NULLS FIRST, "id");
CREATE INDEX "crm_thing_favourite_id_idx" ON "crm"."thing" ("tenant_id", "favourite_id" NULLS FIRST, "id");
CREATE INDEX "crm_thing_created_at_idx" ON "crm"."thing" ("tenant_id", "created_at" NULLS FIRST, "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_thing_owner_id_created_at_idx" ON "crm"."thing" ("tenant_id", "owner_id" NULLS FIRST, "created_at" NULLS FIRST, "id");
CREATE INDEX "crm_thing_department_id_created_at_idx" ON "crm"."thing" ("tenant_id", "department_id" NULLS FIRST, "created_at" NULLS FIRST, "id") INCLUDE ("owner_id");
CREATE INDEX "crm_thing_amount_n_idx" ON "crm"."thing" ("tenant_id", "amount_n" NULLS FIRST, "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_thing_owner_id_amount_n_idx" ON "crm"."thing" ("tenant_id", "owner_id" NULLS FIRST, "amount_n" NULLS FIRST, "id");
CREATE INDEX "crm_thing_department_id_amount_n_idx" ON "crm"."thing" ("tenant_id", "department_id" NULLS FIRST, "amount_n" NULLS FIRST, "id") INCLUDE ("owner_id");
CREATE INDEX "crm_thing_colour_custom_idx" ON "crm"."thing" ("tenant_id", (((CASE jsonb_typeof("custom" -> 'colour') WHEN 'string' THEN ("custom" ->> 'colour') END) COLLATE "C")) NULLS FIRST, "id");
CREATE INDEX "crm_thing_grade_custom_idx" ON "crm"."thing" ("tenant_id", ((CASE WHEN jsonb_typeof("custom" -> 'grade') = 'number' AND strpos(("custom" ->> 'grade'), '.') = 0 THEN ("custom" ->> 'grade')::numeric END)) NULLS FIRST, "id");
CREATE INDEX "crm_thing_worth_custom_idx" ON "crm"."thing" ("tenant_id", ((CASE WHEN jsonb_typeof("custom" -> 'worth') = 'number' AND strpos(("custom" ->> 'worth'), '.') = 0 THEN ("custom" ->> 'worth')::numeric END)) NULLS FIRST, "id");
CREATE INDEX "crm_thing_since_custom_idx" ON "crm"."thing" ("tenant_id", (((CASE jsonb_typeof("custom" -> 'since') WHEN 'string' THEN ("custom" ->> 'since') END) COLLATE "C")) NULLS FIRST, "id");
CREATE INDEX "crm_part_thing_id_idx" ON "crm"."part" ("tenant_id", "thing_id" NULLS FIRST, "id");
CREATE INDEX "crm_part_name_idx" ON "crm"."part" ("tenant_id", "name", "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_part_owner_id_name_idx" ON "crm"."part" ("tenant_id", "owner_id" NULLS FIRST, "name", "id");
CREATE INDEX "crm_part_department_id_name_idx" ON "crm"."part" ("tenant_id", "department_id" NULLS FIRST, "name", "id") INCLUDE ("owner_id");
CREATE INDEX "crm_part_quantity_idx" ON "crm"."part" ("tenant_id", "quantity", "id") INCLUDE ("owner_id", "department_id");
CREATE INDEX "crm_part_owner_id_quantity_idx" ON "crm"."part" ("tenant_id", "owner_id" NULLS FIRST, "quantity", "id");
CREATE INDEX "crm_part_department_id_quantity_idx" ON "crm"."part" ("tenant_id", "department_id" NULLS FIRST, "quantity", "id") INCLUDE ("owner_id");
CREATE INDEX "crm_note_subject_kind_subject_id_idx" ON "crm"."note" ("tenant_id", "subject_kind", "subject_id" NULLS FIRST, "id");
CREATE UNIQUE INDEX "crm_reach_ancestor_id_descendant_id_key" ON "crm"."reach" ("tenant_id", "ancestor_id", "descendant_id") WHERE "ancestor_id" IS NOT NULL AND "descendant_id" IS NOT NULL;
CREATE INDEX "crm_reach_descendant_id_idx" ON "crm"."reach" ("tenant_id", "descendant_id" NULLS FIRST, "id");
CREATE INDEX "crm_share_kind_principal_id_created_at_record_id_idx" ON "crm"."share" ("tenant_id", "kind", "principal_id" NULLS FIRST, "created_at" NULLS FIRST, "record_id" NULLS FIRST, "id");
CREATE INDEX "crm_share_kind_record_id_principal_id_idx" ON "crm"."share" ("tenant_id", "kind", "record_id" NULLS FIRST, "principal_id" NULLS FIRST, "id");
ALTER TABLE "crm"."thing" ADD CONSTRAINT "crm_thing_parent_id_idx" FOREIGN KEY ("tenant_id", "parent_id") REFERENCES "crm"."thing" ("tenant_id", "id");
ALTER TABLE "crm"."thing" ADD CONSTRAINT "crm_thing_favourite_id_idx" FOREIGN KEY ("tenant_id", "favourite_id") REFERENCES "crm"."part" ("tenant_id", "id");
CREATE INDEX "crm_thing_search_key" ON "crm"."thing" USING gin (array_to_tsvector(string_to_array("search_tokens", ' '))) WITH (fastupdate = on);
ALTER TABLE "crm"."part" ADD CONSTRAINT "crm_part_thing_id_idx" FOREIGN KEY ("tenant_id", "thing_id") REFERENCES "crm"."thing" ("tenant_id", "id");
CREATE INDEX "crm_part_search_key" ON "crm"."part" USING gin (array_to_tsvector(string_to_array("search_tokens", ' '))) WITH (fastupdate = on);
