-- Above last_position and up to here the log was deleted, and held nothing for the subscriber.
alter table bactrian_subscriber add column passed_to bigint default 0 not null;

-- What it had up to here, it had before the hub forgot it: a new pattern begins above.
alter table bactrian_subscriber add column had_to bigint default 0 not null;
