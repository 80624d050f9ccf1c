-- What the carrier has set in a world. A setting without a row has its default.

-- +goose Up
CREATE TABLE setting (
    world TEXT NOT NULL,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (world, name)
) /*sqlite WITHOUT ROWID*/;
