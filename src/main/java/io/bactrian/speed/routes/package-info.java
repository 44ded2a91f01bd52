/** The beans of the routes in {@code routes/speed/}: the server and the sensor. */
@NullMarked
package io.bactrian.speed.routes;

import org.jspecify.annotations.NullMarked;
