-- Voice: a customer's orders, as people look them up.

-- +goose Up
CREATE INDEX vn_order_customer ON vn_order (world, customer, created_at, id);
/*sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('vn_order', 'vn_order_customer', '1000000 1000000 1000 1 1'), ('vn_order', 'vn_order_open', '10000 10000 10 1 1');*/
CREATE INDEX vn_order_open ON vn_order (world, customer, created_at, id) WHERE ended_at = 0;
