-- What applications asked for. Of sandbox applications each request with its answer,
-- redacted, for thirty days; of all, how many requests there were, how they ended and
-- how long they took. Moments are the machine's, as are those in seq.

-- +goose Up
CREATE TABLE request_log (
    world           TEXT   NOT NULL,
    app             TEXT   NOT NULL,
    seq             BIGINT NOT NULL, -- grows with time
    id              TEXT   NOT NULL, -- the request's, as it was answered
    at              BIGINT NOT NULL, -- when it came
    method          TEXT   NOT NULL,
    path            TEXT   NOT NULL, -- with its query
    operation       TEXT   NOT NULL,
    status          BIGINT NOT NULL, -- 0: no request, but how many were not kept
    missed          BIGINT NOT NULL DEFAULT 0,
    took_us         BIGINT NOT NULL,
    code            TEXT   NOT NULL DEFAULT '', -- of the fault that it met
    message         TEXT   NOT NULL DEFAULT '',
    why             TEXT   NOT NULL DEFAULT '', -- broken rules and legal moves, as JSON
    request_size    BIGINT NOT NULL DEFAULT 0,
    request_cut     BIGINT NOT NULL DEFAULT 0,
    response_size   BIGINT NOT NULL DEFAULT 0,
    response_cut    BIGINT NOT NULL DEFAULT 0,
    request_header  TEXT   NOT NULL DEFAULT '', -- as JSON, as is the other
    response_header TEXT   NOT NULL DEFAULT '',
    request_body    TEXT   NOT NULL DEFAULT '',
    response_body   TEXT   NOT NULL DEFAULT '', -- last, so that a list does not read past it
    PRIMARY KEY (world, app, seq)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX request_log_id ON request_log (world, app, id);

-- A row is a minute of an operation of an application; after two days, an hour. Nodes
-- add to it.
CREATE TABLE request_usage (
    world     TEXT   NOT NULL,
    app       TEXT   NOT NULL,
    at        BIGINT NOT NULL, -- the minute's begin
    operation TEXT   NOT NULL,
    n         BIGINT NOT NULL,
    client    BIGINT NOT NULL, -- of these answered 4xx
    server    BIGINT NOT NULL, -- and 5xx
    took_us   BIGINT NOT NULL, -- all of them together
    -- How many took up to 100 us, 200 us, 500 us, 1 ms and so on to 5 s, and longer.
    b0  BIGINT NOT NULL, b1  BIGINT NOT NULL, b2  BIGINT NOT NULL, b3  BIGINT NOT NULL,
    b4  BIGINT NOT NULL, b5  BIGINT NOT NULL, b6  BIGINT NOT NULL, b7  BIGINT NOT NULL,
    b8  BIGINT NOT NULL, b9  BIGINT NOT NULL, b10 BIGINT NOT NULL, b11 BIGINT NOT NULL,
    b12 BIGINT NOT NULL, b13 BIGINT NOT NULL, b14 BIGINT NOT NULL, b15 BIGINT NOT NULL,
    PRIMARY KEY (world, app, at, operation)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX request_usage_time ON request_usage (world, at);
