noinst_LIBRARIES += libdata.a
libdata_a_SOURCES = \
	src/data/decimal.c \
	src/data/cast.c src/data/cast.h \
	src/data/java_date.c src/data/java_date.h \
	src/data/java_text.c src/data/java_text.h \
	src/data/literal.c src/data/literal.h \
	src/data/literal_text.c \
	src/data/logical.c src/data/logical.h \
	src/data/map_build.c src/data/map_build.h \
	src/data/number_read.c src/data/number_read.h \
	src/data/number_text.c \
	src/data/plain_json.c src/data/plain_json.h \
	src/data/record.c src/data/record.h \
	src/data/schema.c src/data/schema.h \
	src/data/value.c src/data/value.h

datahdir = $(includedir)/penstock/data
datah_HEADERS = src/data/cast.h src/data/java_date.h src/data/java_text.h src/data/literal.h \
	src/data/logical.h src/data/map_build.h src/data/number_read.h src/data/plain_json.h \
	src/data/record.h src/data/schema.h src/data/value.h
