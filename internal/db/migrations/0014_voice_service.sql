-- Voice: telephone numbers in service.

-- +goose Up
ALTER TABLE vn_range ADD COLUMN service TEXT NOT NULL DEFAULT ''; -- what a number in service has
ALTER TABLE vn_range ADD COLUMN route_name TEXT NOT NULL DEFAULT '';
ALTER TABLE vn_range ADD COLUMN ported INTEGER NOT NULL DEFAULT 0; -- it is another carrier's number
ALTER TABLE vn_range ADD COLUMN donor TEXT NOT NULL DEFAULT '';
ALTER TABLE vn_range ADD COLUMN busy TEXT NOT NULL DEFAULT ''; -- the order that is under way with it
CREATE INDEX vn_range_busy ON vn_range (world, busy) WHERE busy <> '';

ALTER TABLE vn_order ADD COLUMN type TEXT NOT NULL DEFAULT 'RESERVE';
ALTER TABLE vn_order ADD COLUMN foc_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE vn_order ADD COLUMN detail TEXT NOT NULL DEFAULT ''; -- JSON; '' of a reservation
ALTER TABLE vn_order ADD COLUMN pin BYTEA; -- of the losing carrier, sealed, while a port is under way
ALTER TABLE vn_part ADD COLUMN pin BYTEA;
ALTER TABLE vn_part ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE vn_part ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE vn_told ADD COLUMN foc_at BIGINT NOT NULL DEFAULT 0; -- of 903
ALTER TABLE vn_told ADD COLUMN reason TEXT NOT NULL DEFAULT ''; -- of 904: why a losing carrier does not let numbers go
ALTER TABLE vn_customer ADD COLUMN cnam INTEGER NOT NULL DEFAULT 0;

-- What numbers in service have: never changed, a change makes another.
CREATE TABLE vn_service (
    world    TEXT NOT NULL,
    id       TEXT NOT NULL,
    customer TEXT NOT NULL,
    detail   TEXT NOT NULL, -- JSON
    PRIMARY KEY (world, id)
) /*sqlite WITHOUT ROWID*/;

-- How many numbers of a thousands-block a customer has in service, so that the pages of
-- its inventory can be found.
CREATE TABLE vn_active (
    world      TEXT   NOT NULL,
    customer   TEXT   NOT NULL,
    product    TEXT   NOT NULL,
    block      BIGINT NOT NULL,
    route_name TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    center     TEXT   NOT NULL,
    n          BIGINT NOT NULL,
    PRIMARY KEY (world, customer, product, block, route_name, state, center)
) /*sqlite WITHOUT ROWID*/;

-- SQLite takes a world for a few rows unless it is told otherwise, and goes through all of
-- it rather than use an index that does not hold every column.
/*sqlite ANALYZE vn_region;*/
/*sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('vn_order', 'vn_order', '1000000 1000000 1'), ('vn_order', 'vn_order_credit', '100 100 1'), ('vn_part', 'vn_part', '1000000 1000000 1 1'), ('vn_part', 'vn_part_open', '10000 10000 1000 10 2 1 1'), ('vn_part', 'vn_part_customer', '10000 10000 10 2 1'), ('vn_range', 'vn_range', '1000000 1000000 1'), ('vn_range', 'vn_range_pool', '1000000 1000000 100 50 1'), ('vn_range', 'vn_range_part', '1000000 1000000 2'), ('vn_range', 'vn_range_center', '1000000 1000000 10000 100 80 10'), ('vn_range', 'vn_range_busy', '1000 1000 5'), ('vn_block', 'vn_block', '50000 50000 1'), ('vn_block', 'vn_block_room', '50000 50000 5000 50 2 1'), ('vn_told', 'vn_told', '1000000 1000000 5 1'), ('vn_told', 'vn_told_customer', '1000000 1000000 1000 1 1'), ('vn_told', 'vn_told_at', '1000000 1000000 1'), ('vn_service', 'vn_service', '1000000 1000000 1'), ('vn_active', 'vn_active', '100000 100000 1000 1000 2 1 1 1'), ('vn_exception', 'vn_exception', '1000 1000 1'), ('vn_exception', 'vn_exception_customer', '1000 1000 5 1');*/

-- Where a customer's calls can be sent: its service names and its route plans.
CREATE TABLE vn_route (
    world    TEXT NOT NULL,
    customer TEXT NOT NULL,
    kind     TEXT NOT NULL, -- service, plan
    name     TEXT NOT NULL,
    PRIMARY KEY (world, customer, kind, name)
) /*sqlite WITHOUT ROWID*/;
