package io.bactrian.pubsub.core;

/** The state that a hub has in memory, and a start fills. */
record HubCores(HubTables tables, HubIntake intake, HubFeed feed, TopicLedger ledger, CheckpointBuilder checkpoints) {}
