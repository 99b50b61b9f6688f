penstock_SOURCES = src/main.c \
	src/cli/check.c \
	src/cli/cli.h \
	src/cli/files.c \
	src/cli/plugins.c \
	src/cli/run.c \
	src/cli/standalone.c \
	src/cli/status.c src/cli/status.h src/cli/status_table.c
penstock_LDADD = $(PENSTOCK_LIBS) $(RDKAFKA_LIBS) $(MICROHTTPD_LIBS) $(PLUGIN_SYSTEM_LIBS) $(BASE_LIBS)
# A plug-in that is loaded as a shared object may call any kc_ function, also those that nothing
# in the program itself calls: so the lower layers go in whole.
penstock_LDFLAGS = $(AM_LDFLAGS) -rdynamic -Wl,--whole-archive,libconfig.a,libdata.a,libbase.a,--no-whole-archive
