package io.bactrian.gateway.core;

import java.util.List;
import java.util.function.IntUnaryOperator;

/** How a target is chosen among those that are usable. Targets in slow start get only a share of what they would get. */
public enum BalancerPolicy {
    /** Each in turn. */
    ROUND_ROBIN {
        @Override
        Target choose(List<Target> usable, long key, long turn, IntUnaryOperator random, long nowMs) {
            Target inTurn = usable.get((int) Long.remainderUnsigned(turn, usable.size()));
            if (inTurn.accepts(random, nowMs)) {
                return inTurn;
            }
            return usable.get((int) Long.remainderUnsigned(turn + 1, usable.size()));
        }
    },
    /** The one with the fewest assigned keys and requests under way; the first in turn of those that are equal. */
    LEAST_REQUESTS {
        @Override
        Target choose(List<Target> usable, long key, long turn, IntUnaryOperator random, long nowMs) {
            int start = (int) Long.remainderUnsigned(turn, usable.size());
            Target best = usable.get(start);
            for (int i = 1; i < usable.size(); i++) {
                Target other = usable.get((start + i) % usable.size());
                if (other.load(nowMs) < best.load(nowMs)) {
                    best = other;
                }
            }
            return best;
        }
    },
    /** The less loaded of two that are picked at random (Mitzenmacher, 2001): nearly as even as the least of all, at any size. */
    POWER_OF_TWO {
        @Override
        Target choose(List<Target> usable, long key, long turn, IntUnaryOperator random, long nowMs) {
            int first = random.applyAsInt(usable.size());
            if (usable.size() == 1) {
                return usable.get(first);
            }
            int second = (first + 1 + random.applyAsInt(usable.size() - 1)) % usable.size();
            Target one = usable.get(first);
            Target two = usable.get(second);
            return two.load(nowMs) < one.load(nowMs) ? two : one;
        }
    },
    /**
     * Always the same for a key, as long as it is usable (rendezvous hashing, Thaler and Ravishankar, 1998): when a target goes,
     * only its keys move; when one comes, only those move that it wins.
     */
    STICKY {
        @Override
        Target choose(List<Target> usable, long key, long turn, IntUnaryOperator random, long nowMs) {
            Target best = usable.get(0);
            for (Target other : usable) {
                if (Long.compareUnsigned(weight(other, key), weight(best, key)) > 0) {
                    best = other;
                }
            }
            return best;
        }
    };

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    /**
     * Chooses a target.
     *
     * @param usable at least one
     * @param key what the request is about; equal keys stay together with {@link #STICKY}
     * @param turn grows by one with each choice
     * @param random gives a number from 0 to below its argument
     */
    abstract Target choose(List<Target> usable, long key, long turn, IntUnaryOperator random, long nowMs);

    /** The policy of a name such as {@code power-of-two}; {@link IllegalArgumentException} if there is none. */
    public static BalancerPolicy of(String name) {
        for (BalancerPolicy policy : values()) {
            if (policy.name().replace('_', '-').equalsIgnoreCase(name)) {
                return policy;
            }
        }
        throw new IllegalArgumentException(
                "There is no balancer policy '" + name + "'; give round-robin, least-requests, power-of-two or sticky");
    }

    /** The finalizer of SplitMix64 over both hashes: equal on all machines. */
    private static long weight(Target target, long key) {
        long mixed = target.hash() ^ (key * GOLDEN);
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
