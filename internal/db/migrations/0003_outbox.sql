-- Notifications: written with the change they tell of, delivered after it.

-- +goose Up
CREATE TABLE endpoint (
    world            TEXT   NOT NULL,
    id               TEXT   NOT NULL,
    app              TEXT   NOT NULL,
    url              TEXT   NOT NULL,
    events           TEXT   NOT NULL,           -- space separated patterns
    auth             TEXT   NOT NULL,           -- JSON
    description      TEXT   NOT NULL,
    state            TEXT   NOT NULL,           -- enabled, disabled
    why              TEXT   NOT NULL DEFAULT '', -- of a disabled one
    secret           TEXT   NOT NULL,
    old_secret       TEXT   NOT NULL DEFAULT '', -- signs too until old_until
    old_until        BIGINT NOT NULL DEFAULT 0,
    created_at       BIGINT NOT NULL,
    failing_since    BIGINT NOT NULL DEFAULT 0,  -- 0: the last attempt succeeded
    PRIMARY KEY (world, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX endpoint_app ON endpoint (world, app, state);

CREATE TABLE notice (
    world    TEXT   NOT NULL,
    seq      BIGINT NOT NULL, -- order of commit, with id; 0 where ids are in that order already
    id       BIGINT NOT NULL,
    app      TEXT   NOT NULL,
    customer TEXT   NOT NULL,
    subject  TEXT   NOT NULL, -- order/...
    type     TEXT   NOT NULL, -- ondemand.order.completed
    body     TEXT   NOT NULL, -- JSON
    at       BIGINT NOT NULL,
    PRIMARY KEY (world, app, seq, id)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE delivery (
    world      TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    n          BIGINT NOT NULL,            -- the notice's id: the order within a lane
    endpoint   TEXT   NOT NULL,
    app        TEXT   NOT NULL,            -- whose endpoint it is, or was
    lane       TEXT   NOT NULL,            -- endpoint and subject: in order within it
    subject    TEXT   NOT NULL,
    type       TEXT   NOT NULL,
    message    TEXT   NOT NULL,            -- webhook-id: the same for every attempt and replay
    body       TEXT   NOT NULL,
    state      TEXT   NOT NULL,            -- pending, delivered, failed
    attempts   BIGINT NOT NULL DEFAULT 0,
    tries      BIGINT NOT NULL DEFAULT 0,  -- attempts since it was last queued: its place in the schedule
    next_at    BIGINT NOT NULL,            -- when it is to be tried, 0 when it has ended
    created_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (world, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX delivery_lane ON delivery (world, lane, n) WHERE state = 'pending';
CREATE INDEX delivery_waiting ON delivery (world, endpoint) WHERE state = 'pending';
CREATE INDEX delivery_endpoint ON delivery (world, endpoint, n);
CREATE INDEX delivery_app ON delivery (world, app, n);

CREATE TABLE attempt (
    world    TEXT   NOT NULL,
    delivery TEXT   NOT NULL,
    n        BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    status   BIGINT NOT NULL, -- HTTP status, 0 when there was no answer
    problem  TEXT   NOT NULL,
    answer   TEXT   NOT NULL, -- the beginning of the body
    took_us  BIGINT NOT NULL,
    PRIMARY KEY (world, delivery, n)
) /*sqlite WITHOUT ROWID*/;

-- Which PostgreSQL cluster numbers the transactions of notice.seq, and from where:
-- after a dump was restored into another cluster, its numbers begin anew.
CREATE TABLE notice_cluster (
    id   BIGINT NOT NULL PRIMARY KEY, -- the cluster's system identifier
    base BIGINT NOT NULL              -- added to every transaction's number
);
