noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	src/store/file.c src/store/file.h \
	src/store/java_map.c src/store/java_map.h \
	src/store/offsets.c src/store/offsets.h
