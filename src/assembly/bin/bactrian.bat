@echo off
rem Starts Bactrian. JAVA_HOME chooses the Java (17 or later), BACTRIAN_OPTS gives it options such as -Xmx1g.
setlocal
for %%i in ("%~dp0..") do set "BACTRIAN_DIR=%%~fi"
set "JAVA_EXE=java"
if defined JAVA_HOME set "JAVA_EXE=%JAVA_HOME%\bin\java.exe"
"%JAVA_EXE%" %BACTRIAN_OPTS% "-Dbactrian.home=%BACTRIAN_DIR%" -cp "%BACTRIAN_DIR%\lib\*" io.bactrian.app.Main %*
exit /b %ERRORLEVEL%
