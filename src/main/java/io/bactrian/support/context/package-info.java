/** The parts that capabilities share for their life in a CamelContext: services and dev consoles. */
@NullMarked
package io.bactrian.support.context;

import org.jspecify.annotations.NullMarked;
