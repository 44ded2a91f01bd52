/** Opens JDBC databases, makes what was committed durable, and brings the tables of each capability to their newest version. */
@NullMarked
package io.bactrian.support.database;

import org.jspecify.annotations.NullMarked;
