-- What every product stands on: worlds and their clocks, counters, due work, the
-- audit trail, kept answers. Moments are microseconds since 1970, UTC; every
-- table of a world's state begins its key with the world.

-- +goose Up
CREATE TABLE world (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL,           -- production, sandbox, snapshot
    name         TEXT   NOT NULL,
    org          TEXT   NOT NULL,
    parent       TEXT   NOT NULL DEFAULT '', -- of a snapshot or a fork
    seed         BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,           -- machine time, as is expires_at
    expires_at   BIGINT NOT NULL DEFAULT 0, -- 0: stays
    offset_us    BIGINT NOT NULL DEFAULT 0,
    frozen_us    BIGINT NOT NULL DEFAULT 0, -- 0: flows
    moving_until BIGINT NOT NULL DEFAULT 0  -- machine time until which a mover owns the clock
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX world_org ON world (org, id);
CREATE INDEX world_parent ON world (parent) WHERE parent <> '';
CREATE INDEX world_expiry ON world (expires_at) WHERE expires_at > 0;

CREATE TABLE counter (
    world TEXT   NOT NULL,
    name  TEXT   NOT NULL,
    next  BIGINT NOT NULL,
    PRIMARY KEY (world, name)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE timer (
    world       TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    key         TEXT   NOT NULL,
    due_at      BIGINT NOT NULL, -- world time
    wake_at     BIGINT NOT NULL, -- machine time at which a node may take it up
    lease_until BIGINT NOT NULL DEFAULT 0,
    version     BIGINT NOT NULL DEFAULT 0,
    attempts    BIGINT NOT NULL DEFAULT 0,
    payload     TEXT   NOT NULL DEFAULT '',
    problem     TEXT   NOT NULL DEFAULT '', -- why the last attempt failed
    PRIMARY KEY (world, kind, key)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX timer_wake ON timer (wake_at);
CREATE INDEX timer_due ON timer (world, due_at);

CREATE TABLE audit (
    world   TEXT   NOT NULL,
    subject TEXT   NOT NULL, -- what it happened to: order/..., service/..., app/...
    id      BIGINT NOT NULL, -- grows with time
    at      BIGINT NOT NULL, -- world time
    actor   TEXT   NOT NULL, -- application, user, or system
    event   TEXT   NOT NULL,
    was     TEXT   NOT NULL DEFAULT '',
    became  TEXT   NOT NULL DEFAULT '',
    note    TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (world, subject, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX audit_time ON audit (world, id);

CREATE TABLE idempotency (
    world     TEXT   NOT NULL,
    app       TEXT   NOT NULL,
    key       TEXT   NOT NULL, -- a digest of it
    body_hash BYTEA  NOT NULL,
    status    BIGINT NOT NULL,
    header    TEXT   NOT NULL,
    body      BYTEA  NOT NULL, -- sealed with the key
    at        BIGINT NOT NULL, -- world time
    PRIMARY KEY (world, app, key)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX idempotency_age ON idempotency (world, at);
