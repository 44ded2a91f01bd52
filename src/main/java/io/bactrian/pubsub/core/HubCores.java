package io.bactrian.pubsub.core;

/** What a hub knows in memory, and a start fills. */
record HubCores(HubTables tables, HubIntake intake, HubFeed feed, TopicLedger ledger, CheckpointBuilder checkpoints) {}
