/** The demonstrations: the beans of their routes, and the processes that they start and kill. */
@NullMarked
package io.bactrian.app.demo;

import org.jspecify.annotations.NullMarked;
