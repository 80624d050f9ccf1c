-- What an endpoint is sent: in which form, and about whom.

-- +goose Up
ALTER TABLE endpoint ADD COLUMN form TEXT NOT NULL DEFAULT 'standard';
ALTER TABLE endpoint ADD COLUMN customer TEXT NOT NULL DEFAULT ''; -- the only one it is told about, '' for all

ALTER TABLE notice ADD COLUMN bodies TEXT NOT NULL DEFAULT ''; -- JSON, by form, beside the standard one's; '' for none

ALTER TABLE delivery ADD COLUMN form TEXT NOT NULL DEFAULT 'standard'; -- of its body, also when its endpoint is gone
