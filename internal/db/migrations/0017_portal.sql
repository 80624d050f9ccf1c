-- Receivers of webhooks for those who have none yet: one for an application of a
-- sandbox, and what came to it lately. Moments are the machine's.

-- +goose Up
CREATE TABLE portal_inbox (
    world   TEXT   NOT NULL,
    app     TEXT   NOT NULL,
    token   TEXT   NOT NULL,           -- the secret part of its address
    made_at BIGINT NOT NULL,
    failing BIGINT NOT NULL DEFAULT 0, -- how many of the next requests are refused
    status  BIGINT NOT NULL DEFAULT 0, -- and what they are answered
    PRIMARY KEY (world, app)
) /*sqlite WITHOUT ROWID*/;
CREATE UNIQUE INDEX portal_inbox_token ON portal_inbox (token);

CREATE TABLE portal_inbox_request (
    world  TEXT   NOT NULL,
    app    TEXT   NOT NULL,
    id     BIGINT NOT NULL, -- grows with time
    at     BIGINT NOT NULL,
    method TEXT   NOT NULL,
    status BIGINT NOT NULL, -- what it was answered
    header TEXT   NOT NULL, -- as JSON
    size   BIGINT NOT NULL,
    body   BYTEA  NOT NULL, -- last, so that a list does not read past it
    PRIMARY KEY (world, app, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX portal_inbox_request_age ON portal_inbox_request (id);
