/** Services by name: where they are now, and which of several is active. What implements it is found as a bean. */
@NullMarked
package io.bactrian.support.service;

import org.jspecify.annotations.NullMarked;
