-- Care: what the embedded billing system knows of its customers' accounts.

-- +goose Up
CREATE TABLE care_account (
    world            TEXT   NOT NULL,
    unit             TEXT   NOT NULL, -- PR, JM, PA, CL
    id               TEXT   NOT NULL, -- the account's number
    kind             TEXT   NOT NULL, -- RES, BUS
    name             TEXT   NOT NULL,
    state            TEXT   NOT NULL, -- in the unit's own words
    payment_status   TEXT   NOT NULL,
    customer         TEXT   NOT NULL,
    party            TEXT   NOT NULL, -- the owner, as the billing system numbers people
    street           TEXT   NOT NULL,
    city             TEXT   NOT NULL,
    region           TEXT   NOT NULL,
    postcode         TEXT   NOT NULL,
    phone            TEXT   NOT NULL,
    phone_type       TEXT   NOT NULL,
    email            TEXT   NOT NULL,
    currency         TEXT   NOT NULL,
    receivable       TEXT   NOT NULL, -- amounts are decimals in the currency
    delinquent       TEXT   NOT NULL,
    last_payment     TEXT   NOT NULL,
    credit_limit     TEXT   NOT NULL,
    financial        TEXT   NOT NULL, -- the financial account's id
    financial_due    TEXT   NOT NULL,
    plan             TEXT   NOT NULL, -- of paying; '' for none
    plan_every       TEXT   NOT NULL,
    plan_amount      TEXT   NOT NULL,
    media            TEXT   NOT NULL, -- how bills are presented
    cycle_shift      BIGINT NOT NULL,
    location         TEXT   NOT NULL,
    dunning          TEXT   NOT NULL,
    delinquency_days BIGINT NOT NULL,
    paid_at          BIGINT NOT NULL, -- 0: never
    modified_at      BIGINT NOT NULL,
    opened_at        BIGINT NOT NULL,
    closed_at        BIGINT NOT NULL, -- 0: open
    period_from      BIGINT NOT NULL,
    period_to        BIGINT NOT NULL,
    PRIMARY KEY (world, unit, id)
) /*sqlite WITHOUT ROWID*/;

-- The numbers by which an account is found: the lines it pays for, and those at
-- which its owner is reached.
CREATE TABLE care_line (
    world   TEXT NOT NULL,
    unit    TEXT NOT NULL,
    number  TEXT NOT NULL,
    kind    TEXT NOT NULL, -- SERVICE, CONTACT
    account TEXT NOT NULL,
    PRIMARY KEY (world, unit, number, kind, account)
) /*sqlite WITHOUT ROWID*/;
