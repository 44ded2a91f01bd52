/** The beans of the demonstration's routes: figures of the host that it runs on. */
@NullMarked
package io.bactrian.app.demo;

import org.jspecify.annotations.NullMarked;
