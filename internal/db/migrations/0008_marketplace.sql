-- The marketplace.

-- +goose Up
CREATE TABLE mk_provider (
    world      TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    org        TEXT   NOT NULL, -- '' for the provider that demarc plays
    name       TEXT   NOT NULL, -- in the path of its server
    title      TEXT   NOT NULL,
    base_url   TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    reseller   BYTEA,           -- the reseller key, sealed
    created_at BIGINT NOT NULL,
    PRIMARY KEY (world, id)
) /*sqlite WITHOUT ROWID*/;
CREATE UNIQUE INDEX mk_provider_name ON mk_provider (world, name);

-- Provider keys are looked up by their hash, in the world that their text names.
CREATE TABLE mk_key (
    world      TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    provider   TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL DEFAULT 0, -- world time; 0: it does not end
    PRIMARY KEY (world, hash)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX mk_key_provider ON mk_key (world, provider);

CREATE TABLE mk_product (
    world       TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    provider    TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    description TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    form        TEXT   NOT NULL, -- JSON
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (world, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX mk_product_provider ON mk_product (world, provider, id);

CREATE TABLE mk_sku (
    world    TEXT NOT NULL,
    sku      TEXT NOT NULL,
    product  TEXT NOT NULL,
    provider TEXT NOT NULL,
    name     TEXT NOT NULL,
    unit     TEXT NOT NULL,
    PRIMARY KEY (world, sku)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX mk_sku_product ON mk_sku (world, product, sku);

CREATE TABLE mk_subscription (
    world        TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    provider     TEXT   NOT NULL,
    product      TEXT   NOT NULL,
    app          TEXT   NOT NULL, -- of the buyer; '' for what a fresh world holds
    customer     TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    coid         TEXT   NOT NULL, -- the provider's id of the customer
    fields       TEXT   NOT NULL, -- JSON: what the buyer filled in, without secrets
    secrets      BYTEA,           -- the secret ones, sealed, until the provider has answered
    failure      TEXT   NOT NULL,
    attempts     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    active_at    BIGINT NOT NULL,
    end_asked_at BIGINT NOT NULL,
    expired_at   BIGINT NOT NULL,
    PRIMARY KEY (world, id)
);
CREATE UNIQUE INDEX mk_subscription_coid ON mk_subscription (world, provider, coid) WHERE coid <> '';
CREATE INDEX mk_subscription_customer ON mk_subscription (world, customer, id);
CREATE INDEX mk_subscription_provider ON mk_subscription (world, provider, id);

CREATE TABLE mk_usage (
    world        TEXT   NOT NULL,
    subscription TEXT   NOT NULL,
    sku          TEXT   NOT NULL,
    month        TEXT   NOT NULL, -- 2040-06
    total        BIGINT NOT NULL, -- millionths
    updates      BIGINT NOT NULL,
    PRIMARY KEY (world, subscription, sku, month)
) /*sqlite WITHOUT ROWID*/;

-- The ledger of what providers told: what the months' totals are the sum of.
CREATE TABLE mk_update (
    world        TEXT   NOT NULL,
    n            BIGINT NOT NULL, -- grows with time
    provider     TEXT   NOT NULL,
    subscription TEXT   NOT NULL,
    coid         TEXT   NOT NULL,
    sku          TEXT   NOT NULL,
    month        TEXT   NOT NULL,
    count        BIGINT NOT NULL, -- millionths
    counted      BIGINT NOT NULL, -- 0: it said no count
    expired      BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (world, subscription, n)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX mk_update_provider ON mk_update (world, provider, n);

CREATE TABLE mk_call (
    world        TEXT   NOT NULL,
    n            BIGINT NOT NULL,
    provider     TEXT   NOT NULL,
    subscription TEXT   NOT NULL,
    direction    TEXT   NOT NULL, -- out, test, in
    at           BIGINT NOT NULL,
    status       BIGINT NOT NULL,
    problem      TEXT   NOT NULL,
    request      TEXT   NOT NULL, -- redacted, as is the answer
    answer       TEXT   NOT NULL,
    took_us      BIGINT NOT NULL,
    PRIMARY KEY (world, provider, direction, subscription, n)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX mk_call_provider ON mk_call (world, provider, n);
CREATE INDEX mk_call_age ON mk_call (world, n);
