-- Workers that get no new producers, until they are started again.
alter table bactrian_balancer_worker add column if not exists draining boolean default false not null;
