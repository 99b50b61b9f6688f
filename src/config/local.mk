noinst_LIBRARIES += libconfig.a
libconfig_a_SOURCES = \
	src/config/findings.c src/config/findings.h \
	src/config/option.c src/config/option.h \
	src/config/option_show.c \
	src/config/option_types.c \
	src/config/props.c src/config/props.h \
	src/config/props_file.c

confighdir = $(includedir)/penstock/config
configh_HEADERS = src/config/findings.h src/config/option.h src/config/props.h
