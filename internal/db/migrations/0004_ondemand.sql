-- Internet On-Demand.

-- +goose Up
CREATE TABLE billing_account (
    world        TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    customer     TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    street       TEXT   NOT NULL,
    city         TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    postcode     TEXT   NOT NULL,
    country      TEXT   NOT NULL, -- of the address: USA
    country_code TEXT   NOT NULL, -- 100
    hq_country   TEXT   NOT NULL, -- US
    currency     TEXT   NOT NULL,
    entitled     BIGINT NOT NULL,
    PRIMARY KEY (world, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX billing_account_customer ON billing_account (world, customer, id);

CREATE TABLE od_quote (
    world      TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    customer   TEXT   NOT NULL,
    site       TEXT   NOT NULL,
    partner    TEXT   NOT NULL, -- at a data center
    uni        TEXT   NOT NULL, -- on the customer's own port
    mbps       BIGINT NOT NULL,
    speed      TEXT   NOT NULL, -- as the caller spelt it
    hourly     TEXT   NOT NULL, -- USD, decimal
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_by    TEXT   NOT NULL DEFAULT '', -- the order it was promoted to
    PRIMARY KEY (world, id)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE od_port (
    world    TEXT   NOT NULL,
    site     TEXT   NOT NULL,
    id       TEXT   NOT NULL, -- NNI-01 at a data center, the UNI service id on a customer's premises
    customer TEXT   NOT NULL, -- '' for a shared port
    capacity BIGINT NOT NULL, -- Mbps
    used     BIGINT NOT NULL, -- Mbps
    vlans    BYTEA  NOT NULL, -- one bit a VLAN
    vlans_used BIGINT NOT NULL,
    PRIMARY KEY (world, site, id)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE od_block (
    world TEXT   NOT NULL,
    n     BIGINT NOT NULL, -- the n-th /24 of the pools
    taken BIGINT NOT NULL, -- one bit a /30
    largest BIGINT NOT NULL, -- the most /30 units that one prefix can still get
    PRIMARY KEY (world, n)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX od_block_free ON od_block (world, largest, n);

CREATE TABLE od_service (
    world        TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    customer     TEXT   NOT NULL,
    account      TEXT   NOT NULL,
    account_name TEXT   NOT NULL,
    name         TEXT   NOT NULL, -- Customer Service Name
    site         TEXT   NOT NULL,
    port         TEXT   NOT NULL,
    partner      TEXT   NOT NULL,
    vlan         BIGINT NOT NULL,
    prefix       TEXT   NOT NULL, -- 100.64.0.8/29
    bits         BIGINT NOT NULL,
    mbps         BIGINT NOT NULL,
    speed        TEXT   NOT NULL,
    hourly       TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    in_flight    TEXT   NOT NULL, -- the order that is changing it
    holds        BIGINT NOT NULL, -- 1 while VLAN, prefix and capacity are its own
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (world, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX od_service_customer ON od_service (world, customer, id);
CREATE UNIQUE INDEX od_service_vlan ON od_service (world, site, port, vlan) WHERE holds = 1;
CREATE UNIQUE INDEX od_service_prefix ON od_service (world, prefix) WHERE holds = 1;

-- An order's row is large. In a table without rowids it would spill into pages of
-- its own, and every order would write two more.
CREATE TABLE od_order (
    world        TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    app          TEXT   NOT NULL,
    customer     TEXT   NOT NULL,
    service      TEXT   NOT NULL,
    action       TEXT   NOT NULL, -- add, bandwidth, rename, delete
    state        TEXT   NOT NULL,
    external_id  TEXT   NOT NULL,
    quote        TEXT   NOT NULL,
    mbps         BIGINT NOT NULL, -- what the service is to run at, 0 when that does not change
    speed        TEXT   NOT NULL,
    hourly       TEXT   NOT NULL,
    name         TEXT   NOT NULL, -- what the service is to be called, '' when that does not change
    request      TEXT   NOT NULL, -- the answer's JSON, as ordered
    network_ref  TEXT   NOT NULL DEFAULT '',
    failure      TEXT   NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (world, id)
);
CREATE INDEX od_order_customer ON od_order (world, customer, created_at, id);
CREATE INDEX od_order_service ON od_order (world, service, created_at);

CREATE TABLE od_quota (
    world    TEXT   NOT NULL,
    customer TEXT   NOT NULL,
    day      BIGINT NOT NULL, -- GMT days since 1970
    used     BIGINT NOT NULL,
    PRIMARY KEY (world, customer, day)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE od_run (
    world   TEXT   NOT NULL,
    service TEXT   NOT NULL,
    from_at BIGINT NOT NULL,
    to_at   BIGINT NOT NULL, -- 0: still running
    mbps    BIGINT NOT NULL,
    hourly  TEXT   NOT NULL,
    PRIMARY KEY (world, service, from_at)
) /*sqlite WITHOUT ROWID*/;
