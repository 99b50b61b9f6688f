noinst_LIBRARIES += libplugin.a
libplugin_a_SOURCES = \
	src/plugin/converter.h src/plugin/metric.h src/plugin/plugin.h src/plugin/sink.h \
	src/plugin/source.h src/plugin/transform.h \
	src/plugin/builtin.c \
	src/plugin/registry.c src/plugin/registry.h \
	src/plugin/signal.c src/plugin/signal.h

pluginhdir = $(includedir)/penstock/plugin
pluginh_HEADERS = src/plugin/converter.h src/plugin/metric.h src/plugin/plugin.h src/plugin/sink.h \
	src/plugin/signal.h src/plugin/source.h src/plugin/transform.h
