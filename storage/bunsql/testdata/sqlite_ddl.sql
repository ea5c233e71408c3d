CREATE TABLE "crm_migration" ("number" INTEGER PRIMARY KEY, "name" TEXT NOT NULL, "applied_at" INTEGER NOT NULL);
CREATE TABLE "crm_thing" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"created_at" INTEGER,
	"code" TEXT NOT NULL,
	"region" TEXT NOT NULL,
	"slot" INTEGER CHECK (typeof("slot") IN ('integer', 'null')),
	"name" TEXT NOT NULL,
	"parent_id" TEXT,
	"favourite_id" TEXT,
	"owner_id" TEXT,
	"department_id" TEXT,
	"flag" INTEGER NOT NULL,
	"flag_n" INTEGER,
	"count" INTEGER NOT NULL CHECK (typeof("count") = 'integer'),
	"count_n" INTEGER CHECK (typeof("count_n") IN ('integer', 'null')),
	"ratio" REAL NOT NULL,
	"ratio_n" REAL,
	"label" TEXT NOT NULL,
	"label_n" TEXT,
	"long" TEXT NOT NULL,
	"blob" BLOB,
	"moment" INTEGER,
	"day" INTEGER,
	"amount" INTEGER NOT NULL CHECK (typeof("amount") = 'integer' AND "amount" >= -9223372036854775807),
	"amount_n" INTEGER CHECK (typeof("amount_n") IN ('integer', 'null') AND "amount_n" >= -9223372036854775807),
	"whole" INTEGER NOT NULL CHECK (typeof("whole") = 'integer' AND "whole" >= -9223372036854775807),
	"price" INTEGER CHECK (typeof("price") IN ('integer', 'null') AND "price" >= -9223372036854775807),
	"rate" INTEGER CHECK (typeof("rate") IN ('integer', 'null') AND "rate" >= -9223372036854775807),
	"tiny" INTEGER CHECK (typeof("tiny") IN ('integer', 'null') AND "tiny" >= -9223372036854775807),
	"extra" TEXT,
	"other" TEXT,
	"custom" TEXT,
	"name_fold" TEXT NOT NULL,
	"search_text" TEXT NOT NULL,
	"search_no" INTEGER CHECK (typeof("search_no") IN ('integer', 'null')),
	"search_tokens" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_part" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"name" TEXT NOT NULL,
	"thing_id" TEXT,
	"owner_id" TEXT,
	"department_id" TEXT,
	"quantity" INTEGER NOT NULL CHECK (typeof("quantity") = 'integer'),
	"price" INTEGER CHECK (typeof("price") IN ('integer', 'null') AND "price" >= -9223372036854775807),
	"name_fold" TEXT NOT NULL,
	"search_text" TEXT NOT NULL,
	"search_no" INTEGER CHECK (typeof("search_no") IN ('integer', 'null')),
	"search_tokens" TEXT,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_note" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"version" INTEGER NOT NULL CHECK (typeof("version") = 'integer'),
	"subject_kind" TEXT NOT NULL,
	"subject_id" TEXT,
	"body" TEXT NOT NULL,
	"owner_id" TEXT,
	"department_id" TEXT,
	"body_fold" TEXT NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_reach" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"ancestor_id" TEXT,
	"descendant_id" TEXT,
	"depth" INTEGER NOT NULL CHECK (typeof("depth") = 'integer'),
	PRIMARY KEY ("tenant_id", "id")
);
CREATE TABLE "crm_share" (
	"tenant_id" TEXT NOT NULL,
	"id" TEXT NOT NULL,
	"kind" TEXT NOT NULL,
	"record_id" TEXT,
	"created_at" INTEGER,
	"principal_id" TEXT,
	"level" INTEGER NOT NULL CHECK (typeof("level") = 'integer'),
	"expires_at" INTEGER,
	PRIMARY KEY ("tenant_id", "id")
);
CREATE UNIQUE INDEX "crm_thing_code_key" ON "crm_thing" ("tenant_id", "code") WHERE "code" <> '';
CREATE UNIQUE INDEX "crm_thing_region_slot_key" ON "crm_thing" ("tenant_id", "region", "slot") WHERE "region" <> '' AND "slot" IS NOT NULL;
CREATE INDEX "crm_thing_label_count_idx" ON "crm_thing" ("tenant_id", "label", "count", "id");
CREATE INDEX "crm_thing_parent_id_idx" ON "crm_thing" ("tenant_id", "parent_id", "id");
CREATE INDEX "crm_thing_favourite_id_idx" ON "crm_thing" ("tenant_id", "favourite_id", "id");
CREATE INDEX "crm_thing_created_at_idx" ON "crm_thing" ("tenant_id", "created_at", "id", "owner_id", "department_id", "search_text");
CREATE INDEX "crm_thing_owner_id_created_at_idx" ON "crm_thing" ("tenant_id", "owner_id", "created_at", "id", "search_text");
CREATE INDEX "crm_thing_department_id_created_at_idx" ON "crm_thing" ("tenant_id", "department_id", "created_at", "id", "owner_id", "search_text");
CREATE INDEX "crm_thing_amount_n_idx" ON "crm_thing" ("tenant_id", "amount_n", "id", "owner_id", "department_id");
CREATE INDEX "crm_thing_owner_id_amount_n_idx" ON "crm_thing" ("tenant_id", "owner_id", "amount_n", "id");
CREATE INDEX "crm_thing_department_id_amount_n_idx" ON "crm_thing" ("tenant_id", "department_id", "amount_n", "id", "owner_id");
CREATE INDEX "crm_thing_colour_custom_idx" ON "crm_thing" ("tenant_id", (CASE json_type("custom", '$.colour') WHEN 'text' THEN "custom" ->> '$.colour' END), "id");
CREATE INDEX "crm_thing_grade_custom_idx" ON "crm_thing" ("tenant_id", (CASE json_type("custom", '$.grade') WHEN 'integer' THEN "custom" ->> '$.grade' END), "id");
CREATE INDEX "crm_thing_worth_custom_idx" ON "crm_thing" ("tenant_id", (CASE json_type("custom", '$.worth') WHEN 'integer' THEN "custom" ->> '$.worth' END), "id");
CREATE INDEX "crm_thing_since_custom_idx" ON "crm_thing" ("tenant_id", (CASE json_type("custom", '$.since') WHEN 'text' THEN "custom" ->> '$.since' END), "id");
CREATE INDEX "crm_part_thing_id_idx" ON "crm_part" ("tenant_id", "thing_id", "id");
CREATE INDEX "crm_part_name_idx" ON "crm_part" ("tenant_id", "name", "id", "owner_id", "department_id");
CREATE INDEX "crm_part_owner_id_name_idx" ON "crm_part" ("tenant_id", "owner_id", "name", "id");
CREATE INDEX "crm_part_department_id_name_idx" ON "crm_part" ("tenant_id", "department_id", "name", "id", "owner_id");
CREATE INDEX "crm_part_quantity_idx" ON "crm_part" ("tenant_id", "quantity", "id", "owner_id", "department_id", "search_text");
CREATE INDEX "crm_part_owner_id_quantity_idx" ON "crm_part" ("tenant_id", "owner_id", "quantity", "id", "search_text");
CREATE INDEX "crm_part_department_id_quantity_idx" ON "crm_part" ("tenant_id", "department_id", "quantity", "id", "owner_id", "search_text");
CREATE INDEX "crm_note_subject_kind_subject_id_idx" ON "crm_note" ("tenant_id", "subject_kind", "subject_id", "id");
CREATE UNIQUE INDEX "crm_reach_ancestor_id_descendant_id_key" ON "crm_reach" ("tenant_id", "ancestor_id", "descendant_id") WHERE "ancestor_id" IS NOT NULL AND "descendant_id" IS NOT NULL;
CREATE INDEX "crm_reach_descendant_id_idx" ON "crm_reach" ("tenant_id", "descendant_id", "id");
CREATE INDEX "crm_share_kind_principal_id_created_at_record_id_idx" ON "crm_share" ("tenant_id", "kind", "principal_id", "created_at", "record_id", "id");
CREATE INDEX "crm_share_kind_record_id_principal_id_idx" ON "crm_share" ("tenant_id", "kind", "record_id", "principal_id", "id");
CREATE TRIGGER "crm_thing_parent_id_idx_ins" BEFORE INSERT ON "crm_thing" WHEN NEW."parent_id" IS NOT NULL AND NEW."parent_id" <> NEW."id" AND NOT EXISTS (SELECT 1 FROM "crm_thing" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."parent_id") BEGIN SELECT RAISE(ABORT, 'thing_parent_id_idx'); END;
CREATE TRIGGER "crm_thing_parent_id_idx_upd" BEFORE UPDATE OF "parent_id" ON "crm_thing" WHEN NEW."parent_id" IS NOT NULL AND NEW."parent_id" <> NEW."id" AND NOT EXISTS (SELECT 1 FROM "crm_thing" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."parent_id") BEGIN SELECT RAISE(ABORT, 'thing_parent_id_idx'); END;
CREATE TRIGGER "crm_thing_parent_id_idx_del" BEFORE DELETE ON "crm_thing" WHEN EXISTS (SELECT 1 FROM "crm_thing" WHERE "tenant_id" = OLD."tenant_id" AND "parent_id" = OLD."id" AND "id" <> OLD."id") BEGIN SELECT RAISE(ABORT, 'thing_parent_id_idx'); END;
CREATE TRIGGER "crm_thing_favourite_id_idx_ins" BEFORE INSERT ON "crm_thing" WHEN NEW."favourite_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_part" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."favourite_id") BEGIN SELECT RAISE(ABORT, 'thing_favourite_id_idx'); END;
CREATE TRIGGER "crm_thing_favourite_id_idx_upd" BEFORE UPDATE OF "favourite_id" ON "crm_thing" WHEN NEW."favourite_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_part" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."favourite_id") BEGIN SELECT RAISE(ABORT, 'thing_favourite_id_idx'); END;
CREATE TRIGGER "crm_thing_favourite_id_idx_del" BEFORE DELETE ON "crm_part" WHEN EXISTS (SELECT 1 FROM "crm_thing" WHERE "tenant_id" = OLD."tenant_id" AND "favourite_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'thing_favourite_id_idx'); END;
CREATE UNIQUE INDEX "crm_thing_search_key" ON "crm_thing" ("search_no");
CREATE INDEX "crm_thing_search_idx" ON "crm_thing" ("search_no") WHERE "search_tokens" IS NOT NULL;
CREATE VIRTUAL TABLE "crm_thing_fts" USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE VIEW "crm_thing_settle" AS SELECT "tenant_id" FROM "crm_thing" WHERE "search_tokens" IS NOT NULL;
CREATE TRIGGER "crm_thing_search_ins" INSTEAD OF INSERT ON "crm_thing_settle" BEGIN DELETE FROM "crm_thing_fts" WHERE rowid IN (SELECT "search_no" FROM "crm_thing" WHERE "search_tokens" IS NOT NULL); INSERT INTO "crm_thing_fts" (rowid, tokens) SELECT "search_no", "search_tokens" FROM "crm_thing" WHERE "search_tokens" IS NOT NULL; UPDATE "crm_thing" SET "search_tokens" = NULL WHERE "search_tokens" IS NOT NULL; END;
CREATE TRIGGER "crm_thing_search_del" AFTER DELETE ON "crm_thing" WHEN OLD."search_no" IS NOT NULL BEGIN DELETE FROM "crm_thing_fts" WHERE rowid = OLD."search_no"; END;
CREATE TRIGGER "crm_part_thing_id_idx_ins" BEFORE INSERT ON "crm_part" WHEN NEW."thing_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_thing" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."thing_id") BEGIN SELECT RAISE(ABORT, 'part_thing_id_idx'); END;
CREATE TRIGGER "crm_part_thing_id_idx_upd" BEFORE UPDATE OF "thing_id" ON "crm_part" WHEN NEW."thing_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "crm_thing" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW."thing_id") BEGIN SELECT RAISE(ABORT, 'part_thing_id_idx'); END;
CREATE TRIGGER "crm_part_thing_id_idx_del" BEFORE DELETE ON "crm_thing" WHEN EXISTS (SELECT 1 FROM "crm_part" WHERE "tenant_id" = OLD."tenant_id" AND "thing_id" = OLD."id") BEGIN SELECT RAISE(ABORT, 'part_thing_id_idx'); END;
CREATE UNIQUE INDEX "crm_part_search_key" ON "crm_part" ("search_no");
CREATE INDEX "crm_part_search_idx" ON "crm_part" ("search_no") WHERE "search_tokens" IS NOT NULL;
CREATE VIRTUAL TABLE "crm_part_fts" USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE VIEW "crm_part_settle" AS SELECT "tenant_id" FROM "crm_part" WHERE "search_tokens" IS NOT NULL;
CREATE TRIGGER "crm_part_search_ins" INSTEAD OF INSERT ON "crm_part_settle" BEGIN DELETE FROM "crm_part_fts" WHERE rowid IN (SELECT "search_no" FROM "crm_part" WHERE "search_tokens" IS NOT NULL); INSERT INTO "crm_part_fts" (rowid, tokens) SELECT "search_no", "search_tokens" FROM "crm_part" WHERE "search_tokens" IS NOT NULL; UPDATE "crm_part" SET "search_tokens" = NULL WHERE "search_tokens" IS NOT NULL; END;
CREATE TRIGGER "crm_part_search_del" AFTER DELETE ON "crm_part" WHEN OLD."search_no" IS NOT NULL BEGIN DELETE FROM "crm_part_fts" WHERE rowid = OLD."search_no"; END;
