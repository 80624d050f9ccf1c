-- What a partner has configured, newest first, for people to look at.

-- +goose Up
CREATE INDEX px_transaction_configured ON px_transaction (world, partner, created_at) WHERE config <> '';
