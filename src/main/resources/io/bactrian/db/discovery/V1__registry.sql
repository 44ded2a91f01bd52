-- The nodes that a router knows; those that were in its care are in its care again after a restart.
create table if not exists bactrian_node (
    id varchar(128) not null primary key,
    kind varchar(32) not null,
    name varchar(128) not null,
    host varchar(253) not null,
    port integer not null,
    node_group varchar(128) not null,
    channel varchar(128) not null,
    capabilities varchar(8192) not null,
    metadata varchar(32768) not null,
    instance varchar(128) not null,
    lease_ms bigint not null,
    ping_port integer not null,
    covers varchar(16384) not null,
    status varchar(16) not null,
    in_care boolean not null,
    first_seen_ms bigint not null,
    last_seen_ms bigint not null
);

create index if not exists bactrian_node_by_group on bactrian_node (node_group);

-- The router itself: one row.
create table if not exists bactrian_router (
    one integer not null primary key,
    id varchar(128) not null,
    incarnation bigint not null
);
