-- What a sandbox's owner wants to go wrong there: one row for each backend that is
-- in trouble. A row goes when the calls that are to meet it have met it.

-- +goose Up
CREATE TABLE trouble (
    world      TEXT NOT NULL,
    target     TEXT NOT NULL,
    mode       TEXT NOT NULL, -- unavailable, timeout, error, slow
    remaining  BIGINT NOT NULL, -- calls that are still to meet it; 0: all, until it is cleared
    latency_us BIGINT NOT NULL,
    set_at     BIGINT NOT NULL,
    PRIMARY KEY (world, target)
) /*sqlite WITHOUT ROWID*/;
