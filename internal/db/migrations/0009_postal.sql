-- The book of known addresses. It is the same for every world, and so has none. A
-- street is found by its ZIP code or its city, each together with the first or the
-- last letters of its name; an address is found by its id, or on its street by its
-- number.

-- +goose Up
CREATE TABLE postal_street (
    id      BIGINT NOT NULL PRIMARY KEY, -- a digest of the ZIP code and the whole name
    zip     TEXT   NOT NULL,
    state   TEXT   NOT NULL,
    city    TEXT   NOT NULL,
    predir  TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    suffix  TEXT   NOT NULL,
    postdir TEXT   NOT NULL,
    head    TEXT   NOT NULL, -- the first letters of the name, its words in order
    tail    TEXT   NOT NULL  -- and the last
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX postal_street_zip_head ON postal_street (zip, head, id);
CREATE INDEX postal_street_zip_tail ON postal_street (zip, tail, id);
CREATE INDEX postal_street_city_head ON postal_street (city, state, head, id);
CREATE INDEX postal_street_city_tail ON postal_street (city, state, tail, id);

CREATE TABLE postal_address (
    street    BIGINT NOT NULL,
    num       BIGINT NOT NULL, -- the number as a number, for its neighbours
    number    TEXT   NOT NULL,
    unit_key  TEXT   NOT NULL, -- what tells the units of a building apart; '' without one
    unit_type TEXT   NOT NULL,
    unit      TEXT   NOT NULL,
    id        TEXT   NOT NULL, -- addressDetailId
    PRIMARY KEY (street, num, number, unit_key)
) /*sqlite WITHOUT ROWID*/;
CREATE UNIQUE INDEX postal_address_id ON postal_address (id);

-- Which version of a set of addresses has been loaded.
CREATE TABLE postal_set (
    name    TEXT NOT NULL PRIMARY KEY,
    version TEXT NOT NULL
) /*sqlite WITHOUT ROWID*/;
