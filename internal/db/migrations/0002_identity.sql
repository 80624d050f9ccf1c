-- Who may call, and for whom.

-- +goose Up
CREATE TABLE organisation (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE account_user (
    email      TEXT   NOT NULL PRIMARY KEY, -- lower case
    org        TEXT   NOT NULL,
    role       TEXT   NOT NULL,             -- administrator, staff, developer, buyer, provider
    password   TEXT   NOT NULL,             -- argon2id, in its own encoding
    created_at BIGINT NOT NULL
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE app (
    id         TEXT   NOT NULL PRIMARY KEY, -- the client id
    org        TEXT   NOT NULL,
    world      TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    state      TEXT   NOT NULL,             -- pending, approved, revoked
    products   TEXT   NOT NULL,             -- "ondemand:approved care:pending"
    created_at BIGINT NOT NULL
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX app_org ON app (org, id);
CREATE INDEX app_world ON app (world);

CREATE TABLE app_secret (
    app          TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    hash         BYTEA  NOT NULL,           -- SHA-256 of the secret, which has 256 random bits
    created_at   BIGINT NOT NULL,           -- world time, as are the others
    expires_at   BIGINT NOT NULL DEFAULT 0, -- 0: does not expire
    revoked_at   BIGINT NOT NULL DEFAULT 0, -- 0: live
    last_used_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (app, id)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE app_customer (
    app      TEXT NOT NULL,
    customer TEXT NOT NULL, -- a customer's number, or * for all of a sandbox
    PRIMARY KEY (app, customer)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE token (
    id         BIGINT NOT NULL, -- from the machine's clock, so that new rows lie side by side: the
                                -- first eight bytes of the token, the rest being 256 random bits
    hash       BYTEA  NOT NULL, -- SHA-256 of the whole token
    app        TEXT   NOT NULL,
    secret     TEXT   NOT NULL,
    issued_at  BIGINT NOT NULL, -- world time, as is expires_at
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (id, hash)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX token_app ON token (app);

CREATE TABLE customer (
    world    TEXT NOT NULL,
    number   TEXT NOT NULL, -- BusOrg number
    customer TEXT NOT NULL, -- the number it goes by: itself, or another after a merger
    name     TEXT NOT NULL,
    state    TEXT NOT NULL, -- active, suspended
    PRIMARY KEY (world, number)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX customer_alias ON customer (world, customer);
