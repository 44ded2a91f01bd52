/** The beans that the route files of the discovery name, and the service that lets the core of a router run. */
@NullMarked
package io.bactrian.discovery.routes;

import org.jspecify.annotations.NullMarked;
