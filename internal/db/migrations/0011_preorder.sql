-- PX PreOrder.

-- +goose Up
CREATE TABLE px_partner (
    world TEXT NOT NULL,
    id    TEXT NOT NULL,
    name  TEXT NOT NULL,
    PRIMARY KEY (world, id)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE px_sales_code (
    world   TEXT NOT NULL,
    code    TEXT NOT NULL,
    partner TEXT NOT NULL,
    PRIMARY KEY (world, code)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX px_sales_code_partner ON px_sales_code (world, partner);

-- Which partner an application sells for.
CREATE TABLE px_binding (
    world   TEXT NOT NULL,
    app     TEXT NOT NULL,
    partner TEXT NOT NULL,
    PRIMARY KEY (world, app)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE px_transaction (
    world            TEXT   NOT NULL,
    id               TEXT   NOT NULL,
    partner          TEXT   NOT NULL,
    sales_code       TEXT   NOT NULL,
    agent            TEXT   NOT NULL,
    app              TEXT   NOT NULL,
    segment          TEXT   NOT NULL,
    state            TEXT   NOT NULL,
    partner_order_id TEXT   NOT NULL, -- '' until it was configured
    near             TEXT   NOT NULL, -- JSON
    address          TEXT   NOT NULL, -- JSON; '' until it is qualified
    loop             TEXT   NOT NULL, -- JSON
    offers           TEXT   NOT NULL, -- product codes, with spaces between them
    config           TEXT   NOT NULL, -- JSON; '' until it was configured
    customer         BYTEA,           -- personal data, sealed, until the end of its day
    created_at       BIGINT NOT NULL,
    PRIMARY KEY (world, id)
);

-- The transaction that a partner's order id is of, from its first configuration on.
CREATE TABLE px_pair (
    world            TEXT NOT NULL,
    sales_code       TEXT NOT NULL,
    partner_order_id TEXT NOT NULL,
    transaction_id   TEXT NOT NULL,
    PRIMARY KEY (world, sales_code, partner_order_id)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE px_order (
    world            TEXT   NOT NULL,
    number           TEXT   NOT NULL,
    transaction_id   TEXT   NOT NULL,
    partner          TEXT   NOT NULL,
    sales_code       TEXT   NOT NULL,
    partner_order_id TEXT   NOT NULL,
    app              TEXT   NOT NULL,
    detail_id        TEXT   NOT NULL,
    address          TEXT   NOT NULL,
    product          TEXT   NOT NULL,
    bill_type        TEXT   NOT NULL,
    state            TEXT   NOT NULL,
    one_time         TEXT   NOT NULL, -- decimal
    monthly          TEXT   NOT NULL,
    deposit          TEXT   NOT NULL,
    created_at       BIGINT NOT NULL,
    ended_at         BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (world, number)
) /*sqlite WITHOUT ROWID*/;
CREATE UNIQUE INDEX px_order_transaction ON px_order (world, transaction_id);
CREATE UNIQUE INDEX px_order_pair ON px_order (world, sales_code, partner_order_id);
CREATE INDEX px_order_address ON px_order (world, detail_id, created_at);
CREATE INDEX px_order_partner ON px_order (world, partner, number);

-- The order that has an address: one at a time, for thirty days.
CREATE TABLE px_hold (
    world     TEXT   NOT NULL,
    detail_id TEXT   NOT NULL,
    number    TEXT   NOT NULL,
    until_at  BIGINT NOT NULL,
    PRIMARY KEY (world, detail_id)
) /*sqlite WITHOUT ROWID*/;
