/** The state of a node as OPC UA: a server, and the field devices that the node reads and writes. */
@NullMarked
package io.bactrian.federation.opcua;

import org.jspecify.annotations.NullMarked;
