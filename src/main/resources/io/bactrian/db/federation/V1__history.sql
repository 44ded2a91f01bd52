CREATE TABLE federation_history (
    origin VARCHAR(600) NOT NULL,
    number BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    name VARCHAR(600) NOT NULL,
    amount DOUBLE PRECISION,
    text VARCHAR(4000) NOT NULL,
    PRIMARY KEY (origin, number)
);
CREATE INDEX federation_history_by_name ON federation_history (name, at_ms);
CREATE TABLE federation_history_position (
    journal_position BIGINT NOT NULL
);
INSERT INTO federation_history_position (journal_position) VALUES (0);
