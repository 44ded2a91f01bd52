/** Numbers, durations and sizes as configuration, endpoints and commands give them. */
@NullMarked
package io.bactrian.support.config;

import org.jspecify.annotations.NullMarked;
