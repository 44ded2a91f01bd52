/** The management server: health, metrics and consoles over HTTP, and who may ask it for what. */
@NullMarked
package io.bactrian.app.management;

import org.jspecify.annotations.NullMarked;
