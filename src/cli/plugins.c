#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "flow/connector_config.h"
#include "plugin/source.h"
#include "plugin/registry.h"
#include "rest/router.h"

int cli_plugins(int argc, char **argv)
{
    struct kc_error *err = cli_load_plugins(argc > 0 ? argv[0] : NULL);
    if (err) {
        cli_complain_error(err);
        return 1;
    }
    for (size_t i = 0; i < registry_count(); i++) {
        const struct kc_plugin *plugin = registry_at(i);
        for (size_t j = 0; plugin->java_classes[j]; j++)
            printf("%-14s  %s%s\n", registry_kind_name(plugin->kind), plugin->java_classes[j],
                   j && (plugin->kind == KC_SOURCE || plugin->kind == KC_SINK) ? "  (the same)"
                                                                               : "");
        if (plugin->about)
            printf("                %s\n", plugin->about);
    }
    return 0;
}

static const struct kc_plugin *find_any(const char *name)
{
    static const enum kc_plugin_kind kinds[] = { KC_SOURCE, KC_SINK, KC_TRANSFORM, KC_CONVERTER };
    const struct kc_plugin *plugin = NULL;
    for (size_t i = 0; !plugin && i < KC_COUNT(kinds); i++)
        plugin = registry_find(kinds[i], name, NULL);
    return plugin;
}

/* What a source measures of itself, beside what every task does. */
static void put_metrics(const struct kc_plugin *plugin, struct kc_buf *buf)
{
    static const char *const kinds[] = { [KC_GAUGE] = "gauge", [KC_COUNTER] = "counter" };
    const struct kc_metric *row = plugin->kind == KC_SOURCE ? plugin->source->metrics : NULL;
    if (!row)
        return;
    kc_buf_str(buf, "\n## Metrics\n\n| Name | Context | Kind | |\n|---|---|---|---|\n");
    for (; row->name; row++)
        kc_buf_printf(buf, "| `%s` | %s | %s | %s |\n", row->name, row->context ? row->context : "",
                      kinds[row->kind], row->help);
}

static void print_doc(const struct kc_plugin *plugin)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    kc_buf_printf(&buf, "# %s\n\n", plugin->java_classes[0]);
    if (plugin->about)
        kc_buf_printf(&buf, "%s\n\n", plugin->about);
    kc_buf_printf(&buf, "Kind: %s. Short name: `%s`. Version: %s.\n",
                  registry_kind_name(plugin->kind), plugin->name, plugin->version);
    for (size_t i = 1; plugin->java_classes[i]; i++)
        kc_buf_printf(&buf, "%s`%s`", i == 1 ? "Also answers to " : ", ", plugin->java_classes[i]);
    kc_buf_printf(&buf, "%s\n## Settings\n\n", plugin->java_classes[1] ? ".\n" : "");
    if (plugin->options && plugin->options->name)
        kc_options_markdown(plugin->options, &buf);
    else
        kc_buf_str(&buf, "None.\n");
    if (plugin->kind == KC_SOURCE || plugin->kind == KC_SINK) {
        kc_buf_printf(&buf, "\n## Settings of every %s\n\n", registry_kind_name(plugin->kind));
        kc_options_markdown(connector_options(plugin->kind), &buf);
    }
    put_metrics(plugin, &buf);
    fputs(buf.data, stdout);
}

/* What is documented beside the plug-ins. */
static bool print_topic(const char *name)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    if (strcmp(name, "worker") == 0) {
        kc_buf_str(&buf, "# Settings of a worker\n\n");
        kc_options_markdown(worker_options, &buf);
    } else if (strcmp(name, "rest") == 0) {
        kc_buf_str(&buf, "# REST API\n\n`{c}` stands for the name of a connector, plug-in or logger, `{i}` for "
                         "the number of a task.\n\n");
        router_markdown(&buf);
    } else {
        return false;
    }
    fputs(buf.data, stdout);
    return true;
}

int cli_doc(int argc, char **argv)
{
    if (argc < 1) {
        cli_complain("doc needs the class of a plug-in (`penstock plugins` lists them), or worker, or rest");
        return 2;
    }
    if (print_topic(argv[0]))
        return 0;
    struct kc_error *err = cli_load_plugins(argc > 1 ? argv[1] : NULL);
    if (err) {
        cli_complain_error(err);
        return 1;
    }
    const struct kc_plugin *plugin = find_any(argv[0]);
    if (!plugin) {
        cli_complain("there is no plug-in %s; `penstock plugins` lists them", argv[0]);
        return 1;
    }
    print_doc(plugin);
    return 0;
}
