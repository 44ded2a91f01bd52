/** The beans and endpoints that the routes in {@code routes/gateway/} name. */
@NullMarked
package io.bactrian.gateway.routes;

import org.jspecify.annotations.NullMarked;
