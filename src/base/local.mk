noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/amount.c src/base/amount.h \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/error.c src/base/error.h \
	src/base/http.c src/base/http.h \
	src/base/json.c src/base/json.h \
	src/base/log.c src/base/log.h \
	src/base/log_levels.c \
	src/base/mailbox.c src/base/mailbox.h \
	src/base/map.c src/base/map.h \
	src/base/mem.c src/base/mem.h \
	src/base/regex.c src/base/regex.h \
	src/base/text.c src/base/text.h \
	src/base/uuid.c src/base/uuid.h \
	src/base/tsan.c
libbase_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(PCRE2_CFLAGS) $(CURL_CFLAGS)
BASE_LIBS = $(JANSSON_LIBS) $(PCRE2_LIBS) $(CURL_LIBS) -lpthread -lm

basedir = $(includedir)/penstock/base
base_HEADERS = src/base/amount.h src/base/arena.h src/base/buf.h src/base/clock.h src/base/error.h \
	src/base/json.h src/base/log.h src/base/mailbox.h src/base/map.h src/base/mem.h \
	src/base/regex.h src/base/text.h src/base/uuid.h
