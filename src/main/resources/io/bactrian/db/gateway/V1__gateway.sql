-- The newest heartbeat of each producer. Times are milliseconds since 1970, UTC; data is JSON.
create table if not exists bactrian_heartbeat (
    producer_id bigint not null,
    location varchar(255) not null,
    address varchar(255) not null,
    received_ms bigint not null,
    data text not null,
    primary key (producer_id)
);

create index if not exists bactrian_heartbeat_location on bactrian_heartbeat (location, received_ms);

-- What a balancer knows, so that it goes on where it was after a restart.
create table if not exists bactrian_balancer_worker (
    balancer varchar(255) not null,
    worker varchar(255) not null,
    primary key (balancer, worker)
);

create table if not exists bactrian_balancer_producer (
    balancer varchar(255) not null,
    producer_id bigint not null,
    worker varchar(255) not null,
    version bigint not null,
    primary key (balancer, producer_id)
);
