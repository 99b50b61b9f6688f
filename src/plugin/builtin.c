/* The one place that knows which plug-ins are built in: the list that configure writes. A file of
 * its own, so that a test that links the registry need not link every plug-in. */
#include "plugin/registry.h"

#define PLUGIN(name) extern const struct kc_plugin kc_plugin_##name;
#include "builtin_list.h"
#undef PLUGIN

static const struct kc_plugin *const builtin[] = {
#define PLUGIN(name) &kc_plugin_##name,
#include "builtin_list.h"
#undef PLUGIN
    NULL,
};

struct kc_error *registry_add_builtin(void)
{
    struct kc_error *err = NULL;
    for (const struct kc_plugin *const *plugin = builtin; !err && *plugin; plugin++)
        err = registry_add(*plugin);
    return err;
}
