/* list: what there is, from the same tables that parse it. */
#include <argp.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/document.h"
#include "checker/model.h"
#include "cli/command.h"
#include "cli/say.h"
#include "harness/vocabulary.h"
#include "history/reader.h"
#include "reports/report.h"
#include "store/bug.h"

static void list_params(const struct plugin *p)
{
    for (const struct param *row = p->params; row && row->name; row++) {
        char allowed[256], otherwise[64];
        printf("      %-16s %s", row->name, row->help);
        printf(" Allowed: %s.", param_allowed(row, allowed, sizeof allowed));
        if (row->required) {
            printf(" Required.\n");
            continue;
        }
        void *config = calloc(1, p->config_size);
        if (config) {
            param_defaults(p->params, config);
            const char *text = param_format(row, config, otherwise, sizeof otherwise);
            if (*text)
                printf(" Default: %s.", text);
        }
        free(config);
        printf("\n");
    }
}

static void list_catalogue(const struct catalogue *c)
{
    for (const struct plugin *const *p = c->all; *p; p++) {
        printf("  %-16s %s\n", (*p)->name, (*p)->summary);
        list_params(*p);
    }
}

static void list_faults(void)
{
    struct catalogue c = harness_vocabulary().faults;
    list_catalogue(&c);
}

static void list_workloads(void)
{
    struct catalogue c = harness_vocabulary().workloads;
    list_catalogue(&c);
}

static void list_checks(void)
{
    struct catalogue c = harness_vocabulary().checks;
    list_catalogue(&c);
}

static void list_systems(void)
{
    struct catalogue c = harness_vocabulary().systems;
    list_catalogue(&c);
}

static void list_bugs(void)
{
    for (unsigned bug = 0; store_bug_name(bug); bug++)
        printf("  %-20s %s\n", store_bug_name(bug), store_bug_summary(bug));
}

static void list_models(void)
{
    struct catalogue c = model_catalogue();
    list_catalogue(&c);
}

/* Of documents that are written, then of histories that are read. */
static void list_formats(void)
{
    for (const struct format_ops *const *f = format_all(); *f; f++)
        printf("  %-16s %s\n", (*f)->name, (*f)->summary);
    printf("  %-16s %s\n", "jsonl", "The whole history (faultline export).");
    printf("  and 'check' reads:\n");
    struct catalogue readers = reader_catalogue();
    list_catalogue(&readers);
}

static int is_yaml(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".yaml") == 0;
}

/* The summary of a scenario that loads as a document; its own words otherwise. */
static void list_scenario(const char *path)
{
    struct document *d;
    struct err err = {0};
    if (document_load(path, &d, &err)) {
        printf("  %-40s (%s)\n", path, err.msg);
        return;
    }
    const char *summary = json_string_value(json_object_get(document_root(d), "summary"));
    printf("  %-40s %s\n", path, summary ? summary : "(no summary)");
    document_free(d);
}

static void list_scenarios(void)
{
    struct dirent **names;
    int count = scandir("scenarios", &names, is_yaml, alphasort);
    if (count < 0) {
        printf("  (no folder scenarios/ here)\n");
        return;
    }
    for (int i = 0; i < count; i++) {
        char path[512];
        snprintf(path, sizeof path, "scenarios/%s", names[i]->d_name);
        list_scenario(path);
        free(names[i]);
    }
    free(names);
}

/* The whole form of a scenario, for editors. */
static void list_schema(void)
{
    struct vocabulary v = harness_vocabulary();
    json_t *schema = scenario_schema(&v);
    if (schema)
        json_dumpf(schema, stdout, JSON_INDENT(2));
    json_decref(schema);
    printf("\n");
}

static const struct section {
    const char *name;
    void (*list)(void);
} sections[] = {
    {"faults", list_faults}, {"workloads", list_workloads}, {"checks", list_checks},
    {"models", list_models}, {"systems", list_systems},     {"scenarios", list_scenarios},
    {"bugs", list_bugs},     {"formats", list_formats},
};

static const struct section schema = {"schema", list_schema};

static const struct section *section_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        if (strcmp(sections[i].name, name) == 0)
            return &sections[i];
    return strcmp(name, schema.name) == 0 ? &schema : NULL;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    const struct section **only = state->input;
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    if (*only)
        argp_error(state, "'%s': one kind at a time", text);
    *only = section_find(text);
    if (!*only)
        argp_error(state,
                   "'%s' is nothing to list; allowed: faults, workloads, checks, models, "
                   "systems, scenarios, bugs, formats or schema",
                   text);
    return 0;
}

static int list_main(int argc, char **argv)
{
    const struct section *only = NULL;
    const struct argp argp = {
        NULL,
        parse,
        "[KIND]",
        "List what there is of one KIND (faults, workloads, checks, "
        "models, systems, scenarios, bugs, formats), or of all; or print the "
        "JSON Schema of scenarios ('list schema'), for editors.",
        NULL,
        NULL,
        NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &only);
    if (only == &schema) {
        schema.list();
        return EXIT_ALL_HOLD;
    }
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        if (only && only != &sections[i])
            continue;
        printf("%s%s:\n", only || i == 0 ? "" : "\n", sections[i].name);
        sections[i].list();
    }
    return EXIT_ALL_HOLD;
}

const struct command command_list = {
    .name = "list",
    .usage = "list [faults|workloads|checks|models|systems|scenarios|bugs|formats|schema]",
    .summary = "List what there is, with parameters.",
    .main = list_main,
};
