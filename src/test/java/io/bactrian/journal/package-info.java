@NullMarked
package io.bactrian.journal;

import org.jspecify.annotations.NullMarked;
