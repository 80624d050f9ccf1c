-- The carrier desk: what is under way, whoever ordered it.

-- +goose Up
CREATE INDEX od_order_open ON od_order (world, created_at, id) WHERE ended_at = 0;
CREATE INDEX px_order_open ON px_order (world, created_at, number) WHERE ended_at = 0;
CREATE INDEX mk_subscription_open ON mk_subscription (world, created_at, id) WHERE state IN ('provisioning', 'ending');
