noinst_LIBRARIES += libtransforms.a
libtransforms_a_SOURCES = \
	src/transforms/envelope_fields.c src/transforms/envelope_fields.h \
	src/transforms/rebuild.c src/transforms/rebuild.h \
	src/transforms/regex_router.c \
	src/transforms/unwrap.c
PLUGIN_LIBS += libtransforms.a
