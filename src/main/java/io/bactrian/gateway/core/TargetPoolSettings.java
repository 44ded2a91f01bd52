package io.bactrian.gateway.core;

/**
 * How a pool balances.
 *
 * @param policy how a target is chosen
 * @param targetsMax how many targets there may be
 * @param errorsMax so many errors in a row eject a target
 * @param ejectionMs for how long at first, in milliseconds; the n-th ejection is n times as long
 * @param ejectionMaxMs for how long at most
 * @param ejectedPercentMax the share of all targets that may be ejected at a time
 * @param slowStartMs for how long a target that has come or come back gets only a growing share; 0 for none
 */
public record TargetPoolSettings(
        BalancerPolicy policy,
        int targetsMax,
        int errorsMax,
        long ejectionMs,
        long ejectionMaxMs,
        int ejectedPercentMax,
        long slowStartMs) {}
