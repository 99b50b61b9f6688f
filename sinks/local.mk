noinst_LIBRARIES += libsinks.a
libsinks_a_SOURCES = \
	sinks/file.c
PLUGIN_LIBS += libsinks.a
