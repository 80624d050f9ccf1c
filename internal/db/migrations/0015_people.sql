-- People who sign in: their sessions, what bounds the guessing of passwords, and
-- what organisations ask of the carrier's staff. Moments are machine time, but those
-- of a claim, which are of its application's world.

-- +goose Up
ALTER TABLE account_user ADD COLUMN version BIGINT NOT NULL DEFAULT 0;     -- another one with each password and role
ALTER TABLE account_user ADD COLUMN must_change BIGINT NOT NULL DEFAULT 0; -- 1: somebody else knows the password
CREATE INDEX account_user_org ON account_user (org, email);

CREATE TABLE account_session (
    hash            BYTEA  NOT NULL PRIMARY KEY, -- SHA-256 of the session's token, which has 256 random bits
    email           TEXT   NOT NULL,
    version         BIGINT NOT NULL,             -- of the person when it began: with another it is over
    chosen_world    TEXT   NOT NULL DEFAULT '',  -- what the person looks at
    chosen_customer TEXT   NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    seen_at         BIGINT NOT NULL,             -- within a minute
    proved_at       BIGINT NOT NULL              -- when the password was last given
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX account_session_email ON account_session (email);
CREATE INDEX account_session_seen ON account_session (seen_at);

CREATE TABLE throttle (
    key     BYTEA  NOT NULL PRIMARY KEY, -- SHA-256 of what is counted
    ends_at BIGINT NOT NULL,             -- when the count begins anew
    hits    BIGINT NOT NULL
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX throttle_end ON throttle (ends_at);

CREATE TABLE customer_claim (
    id         TEXT   NOT NULL PRIMARY KEY, -- grows with time
    app        TEXT   NOT NULL,
    customer   TEXT   NOT NULL,             -- the number that was asked for
    state      TEXT   NOT NULL,             -- pending, approved, revoked
    note       TEXT   NOT NULL DEFAULT '',  -- of who decided
    asked_by   TEXT   NOT NULL,
    decided_by TEXT   NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    decided_at BIGINT NOT NULL DEFAULT 0    -- 0: not yet
) /*sqlite WITHOUT ROWID*/;
CREATE UNIQUE INDEX customer_claim_open ON customer_claim (app, customer) WHERE state = 'pending';
CREATE INDEX customer_claim_app ON customer_claim (app, id);
CREATE INDEX customer_claim_state ON customer_claim (state, id);
