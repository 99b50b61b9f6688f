noinst_LIBRARIES += librest.a
librest_a_SOURCES = \
	src/rest/admin.c \
	src/rest/bodies.c src/rest/bodies.h \
	src/rest/call.c src/rest/call.h \
	src/rest/connectors.c \
	src/rest/http.c src/rest/http.h \
	src/rest/loggers.c \
	src/rest/plugins.c \
	src/rest/router.c src/rest/router.h \
	src/rest/server.c src/rest/server.h
librest_a_CFLAGS = $(AM_CFLAGS) $(MICROHTTPD_CFLAGS)
