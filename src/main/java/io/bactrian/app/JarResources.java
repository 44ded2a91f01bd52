package io.bactrian.app;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.apache.camel.support.scan.DefaultPackageScanResourceResolver;
import org.jspecify.annotations.Nullable;

/**
 * Finds resources in the jars of the class path by the directory at the end of each jar. Camel's own way unpacks every jar to its end, and took a
 * third of the time of a start: it looks for dev consoles in all jars of Camel. Any thread.
 */
final class JarResources extends DefaultPackageScanResourceResolver {
    @Override
    protected List<String> doLoadImplementationsInJar(
            String folder, InputStream stream, String file, @Nullable Predicate<String> filter) {
        try (JarFile jar = new JarFile(file)) {
            return jar.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(ZipEntry::getName)
                    .filter(name -> filter == null ? !name.endsWith(".class") : filter.test(name))
                    .filter(name -> name.startsWith(folder))
                    .collect(Collectors.toList());
        } catch (IOException e) {
            // A jar in a jar, or one that is no file.
            return super.doLoadImplementationsInJar(folder, stream, file, filter);
        }
    }
}
