noinst_LIBRARIES += libdata.a
libdata_a_SOURCES = \
	src/data/decimal.c \
	src/data/java_text.c src/data/java_text.h \
	src/data/logical.c src/data/logical.h \
	src/data/number_text.c \
	src/data/plain_json.c src/data/plain_json.h \
	src/data/record.c src/data/record.h \
	src/data/schema.c src/data/schema.h \
	src/data/value.c src/data/value.h

datahdir = $(includedir)/penstock/data
datah_HEADERS = src/data/java_text.h src/data/logical.h src/data/plain_json.h src/data/record.h src/data/schema.h src/data/value.h
