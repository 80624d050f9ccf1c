-- The keys that secrets are sealed with: never the keys themselves, which are in a
-- file beside the database, but a proof of each, so that a node with another file
-- is told so before it serves.

-- +goose Up
CREATE TABLE seal_key (
    id      TEXT   NOT NULL PRIMARY KEY, -- as the key file names it
    probe   BYTEA  NOT NULL,             -- sealed with the key
    made_at BIGINT NOT NULL              -- machine time
) /*sqlite WITHOUT ROWID*/;
