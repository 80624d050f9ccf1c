-- Voice: telephone numbers in stock.

-- +goose Up
-- What a world has changed of a rate center, or has opened of its numbers.
CREATE TABLE vn_center (
    world      TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    covered    INTEGER NOT NULL, -- 0, 1
    static911  INTEGER NOT NULL,
    is_open    INTEGER NOT NULL,
    opens_at   BIGINT  NOT NULL,
    native     INTEGER NOT NULL,
    into_key   TEXT    NOT NULL, -- the rate center that it was consolidated into: CO/DENVER
    opened     BIGINT  NOT NULL, -- how many reference blocks are open
    absorbed   TEXT    NOT NULL, -- rate centers that were consolidated into it, with blanks between them
    sealed     INTEGER NOT NULL, -- no further reference block may be opened
    PRIMARY KEY (world, state, name)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE vn_region (
    world      TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    backorders INTEGER NOT NULL,
    PRIMARY KEY (world, state)
) /*sqlite WITHOUT ROWID*/;

-- Thousands-blocks that are open: a bit for each number that is not free.
CREATE TABLE vn_block (
    world   TEXT   NOT NULL,
    block   BIGINT NOT NULL, -- NPA-NXX-X: 3035550
    state   TEXT   NOT NULL,
    center  TEXT   NOT NULL,
    free    BIGINT NOT NULL,
    longest BIGINT NOT NULL, -- how many free numbers there are in a row
    taken   BYTEA  NOT NULL, -- 125 bytes
    PRIMARY KEY (world, block)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX vn_block_room ON vn_block (world, state, center, free, block);

-- The ledger of numbers: who has which, and how. A number in no range is free.
CREATE TABLE vn_range (
    world       TEXT   NOT NULL,
    start_tn    BIGINT NOT NULL, -- ten digits
    end_tn      BIGINT NOT NULL, -- included; of the same thousands-block
    status      TEXT   NOT NULL, -- held, reserved, active, aging, withheld
    customer    TEXT   NOT NULL, -- '' for the carrier's own
    product     TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    center      TEXT   NOT NULL,
    part        TEXT   NOT NULL,
    order_id    TEXT   NOT NULL,
    external_id TEXT   NOT NULL,
    since       BIGINT NOT NULL,
    free_at     BIGINT NOT NULL, -- of what ages
    PRIMARY KEY (world, start_tn)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX vn_range_pool ON vn_range (world, customer, status, start_tn);
CREATE INDEX vn_range_part ON vn_range (world, part);
CREATE INDEX vn_range_center ON vn_range (world, state, center, status, free_at);

CREATE TABLE vn_holding (
    world    TEXT   NOT NULL,
    customer TEXT   NOT NULL,
    product  TEXT   NOT NULL,
    state    TEXT   NOT NULL,
    center   TEXT   NOT NULL,
    reserved BIGINT NOT NULL,
    active   BIGINT NOT NULL,
    PRIMARY KEY (world, customer, product, state, center)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE vn_order (
    world         TEXT   NOT NULL,
    id            TEXT   NOT NULL,
    app           TEXT   NOT NULL,
    customer      TEXT   NOT NULL,
    customer_name TEXT   NOT NULL,
    channel       TEXT   NOT NULL,
    product       TEXT   NOT NULL,
    external_id   TEXT   NOT NULL,
    exception     TEXT   NOT NULL, -- the TN exception that it uses
    state         TEXT   NOT NULL,
    code          BIGINT NOT NULL, -- what its customer was told last about all of it
    version       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL,
    PRIMARY KEY (world, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX vn_order_credit ON vn_order (world, id) WHERE state = 'pending credit check';

CREATE TABLE vn_part (
    world      TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    order_id   TEXT   NOT NULL,
    n          BIGINT NOT NULL,
    parent     TEXT   NOT NULL,
    customer   TEXT   NOT NULL,
    product    TEXT   NOT NULL,
    state      TEXT   NOT NULL, -- of the rate center
    center     TEXT   NOT NULL,
    quantity   BIGINT NOT NULL,
    run        BIGINT NOT NULL, -- so many in a row; 0: as they come
    pbx_index  BIGINT NOT NULL, -- 1 to 10; 0: no restriction
    pbx_value  BIGINT NOT NULL,
    status     TEXT   NOT NULL,
    held       BIGINT NOT NULL,
    reserved   BIGINT NOT NULL,
    code       BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    until_at   BIGINT NOT NULL, -- of an offer, or of a backorder
    ended_at   BIGINT NOT NULL,
    PRIMARY KEY (world, order_id, n)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX vn_part_open ON vn_part (world, state, center, status, created_at, id) WHERE ended_at = 0;
CREATE INDEX vn_part_customer ON vn_part (world, customer, state, center, created_at) WHERE ended_at = 0;

-- What customers were told, for as long as it can be asked for.
CREATE TABLE vn_told (
    world      TEXT   NOT NULL,
    id         BIGINT NOT NULL,
    order_id   TEXT   NOT NULL,
    part       TEXT   NOT NULL, -- '' about the order as a whole
    customer   TEXT   NOT NULL,
    code       BIGINT NOT NULL,
    message    TEXT   NOT NULL,
    order_code BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    center     TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (world, order_id, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX vn_told_customer ON vn_told (world, customer, at, id);
CREATE INDEX vn_told_at ON vn_told (world, at);

CREATE TABLE vn_customer (
    world  TEXT    NOT NULL,
    number TEXT    NOT NULL,
    cp911  INTEGER NOT NULL,
    credit TEXT    NOT NULL,
    PRIMARY KEY (world, number)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE vn_exception (
    world      TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    app        TEXT   NOT NULL,
    customer   TEXT   NOT NULL,
    product    TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    center     TEXT   NOT NULL,
    quantity   BIGINT NOT NULL,
    reason     TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    note       TEXT   NOT NULL,
    order_id   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL,
    PRIMARY KEY (world, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX vn_exception_customer ON vn_exception (world, customer, id);
