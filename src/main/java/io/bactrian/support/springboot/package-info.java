/** The beans that an application of Spring Boot finds by itself; inert where Camel's starter is not on the class path. */
@NullMarked
package io.bactrian.support.springboot;

import org.jspecify.annotations.NullMarked;
