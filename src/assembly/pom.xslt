<?xml version="1.0" encoding="UTF-8"?>
<!-- Makes the POM of a further artifact of the POM of the build: the same versions, and those dependencies that the artifact needs. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:m="http://maven.apache.org/POM/4.0.0"
                xmlns="http://maven.apache.org/POM/4.0.0" exclude-result-prefixes="m">
  <xsl:output method="xml" indent="yes" encoding="UTF-8"/>
  <xsl:strip-space elements="*"/>
  <xsl:param name="artifact"/>
  <xsl:param name="packaging"/>
  <xsl:param name="description"/>
  <!-- The artifactIds that the artifact depends on, each between spaces; required for what is neither optional
       nor only for tests; without them, on Bactrian and on all that is optional there. -->
  <xsl:param name="dependencies"/>

  <xsl:template match="/m:project">
    <project xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
             xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 http://maven.apache.org/xsd/maven-4.0.0.xsd">
      <modelVersion>4.0.0</modelVersion>
      <xsl:copy-of select="m:groupId"/>
      <artifactId><xsl:value-of select="$artifact"/></artifactId>
      <xsl:copy-of select="m:version"/>
      <packaging><xsl:value-of select="$packaging"/></packaging>
      <name><xsl:value-of select="$artifact"/></name>
      <description><xsl:value-of select="$description"/></description>
      <xsl:copy-of select="m:licenses"/>
      <properties>
        <xsl:copy-of select="m:properties/*[substring(name(), string-length(name()) - 7) = '.version']"/>
      </properties>
      <xsl:copy-of select="m:dependencyManagement"/>
      <dependencies>
        <xsl:choose>
          <xsl:when test="$dependencies = 'required'">
            <xsl:apply-templates select="m:dependencies/m:dependency[not(m:optional) and not(m:scope)]"/>
          </xsl:when>
          <xsl:when test="$dependencies">
            <xsl:apply-templates select="m:dependencies/m:dependency[contains($dependencies, concat(' ', m:artifactId, ' '))]"/>
          </xsl:when>
          <xsl:otherwise>
            <dependency>
              <xsl:copy-of select="m:groupId|m:artifactId|m:version"/>
            </dependency>
            <xsl:apply-templates select="m:dependencies/m:dependency[m:optional = 'true']"/>
          </xsl:otherwise>
        </xsl:choose>
      </dependencies>
    </project>
  </xsl:template>

  <xsl:template match="@*|node()">
    <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>

  <xsl:template match="m:optional|comment()"/>
</xsl:stylesheet>
