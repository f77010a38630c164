#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

#include "base/arena.h"
#include "base/units.h"
#include "injector/fault.h"
#include "injector/resolver.h"
#include "tests/support/topology.h"

static const struct system_spec one_table = {.table_count = 1,
                                             .tables = {{.name = "accounts"}}};

static struct arena arena;

static int forget_configs(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* The fault called `name` with "param=value" pairs set; its config in `out`. */
static const struct fault_ops *configured(const char *name, const char *pairs, void **out)
{
    struct catalogue all = fault_catalogue();
    const struct plugin *plugin = catalogue_find(&all, name);
    assert_non_null(plugin);
    *out = arena_alloc(&arena, plugin->config_size);
    assert_non_null(*out);
    param_defaults(plugin->params, *out);
    char copy[256], *rest = copy;
    snprintf(copy, sizeof copy, "%s", pairs);
    for (char *pair; (pair = strsep(&rest, ";")) && *pair;) {
        char *key = strsep(&pair, "=");
        struct err err;
        const struct param *p = param_find(plugin->params, key);
        assert_non_null(p);
        if (param_parse(p, pair, *out, &arena, &err))
            fail_msg("%s", err.msg);
    }
    return fault_of(plugin);
}

static void every_fault_tells_all_that_the_loader_wants(void **state)
{
    (void)state;
    struct catalogue all = fault_catalogue();
    for (const struct plugin *const *p = all.all; *p; p++) {
        const struct fault_ops *f = fault_of(*p);
        bool on_links = f->about.flags & FAULT_ON_LINKS;
        print_message("%s: %s\n", f->about.name, f->about.summary);
        assert_true(on_links == (f->links && f->shape));
        assert_true(on_links != (f->nodes && f->apply && f->heal));
        bool has_target = false;
        for (const struct param *row = f->about.params; row->name; row++) {
            assert_non_null(row->help);
            has_target |= row->type == PARAM_TARGET;
            if (row->type == PARAM_TARGET)
                assert_true(row->draw_max > 0); /* random plans can choose it */
        }
        assert_true(has_target);
    }
}

static void a_fault_folds_into_the_shape_of_a_link(void **state)
{
    (void)state;
    static const struct {
        const char *name, *pairs;
        struct link_shape before, after;
    } cases[] = {
        {"latency",
         "delay=200ms;jitter=5ms",
         {.delay_ns = 40000000, .jitter_ns = 3000000},
         {.delay_ns = 240000000, .jitter_ns = 8000000}},
        {"loss", "rate=1%", {0}, {.loss_ppm = 10000}},
        {"loss", "rate=50%", {.loss_ppm = 500000}, {.loss_ppm = 750000}},
        {"loss", "rate=100%", {.loss_ppm = 10000}, {.loss_ppm = 1000000}},
        {"duplicate", "rate=10%", {.duplicate_ppm = 100000}, {.duplicate_ppm = 190000}},
        {"reorder", "rate=10%", {.blocked = true}, {.reorder_ppm = 100000, .blocked = true}},
        {"partition", "", {.delay_ns = 5}, {.delay_ns = 5, .blocked = true}},
        {"partition", "", {.blocked = true}, {.blocked = true}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        void *config;
        print_message("%s %s\n", cases[i].name, cases[i].pairs);
        const struct fault_ops *f = configured(cases[i].name, cases[i].pairs, &config);
        struct link_shape shape = cases[i].before;
        f->shape(config, &shape);
        assert_true(shape.delay_ns == cases[i].after.delay_ns);
        assert_true(shape.jitter_ns == cases[i].after.jitter_ns);
        assert_true(shape.loss_ppm == cases[i].after.loss_ppm);
        assert_true(shape.duplicate_ppm == cases[i].after.duplicate_ppm);
        assert_true(shape.reorder_ppm == cases[i].after.reorder_ppm);
        assert_true(shape.blocked == cases[i].after.blocked);
    }
}

/* Links as text, "0>1 1>0": places 0 to 2 are nodes, 3 to 5 clients. */
static void describe(const struct link_set *links, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (int a = 0; a < PLACES_MAX; a++)
        for (int b = 0; b < PLACES_MAX; b++)
            if (links->on[a][b])
                used +=
                    (size_t)snprintf(out + used, size - used, "%s%d>%d", used ? " " : "", a, b);
}

static void a_link_fault_is_on_the_links_its_targets_name(void **state)
{
    (void)state;
    static const struct {
        const char *pairs, *links;
    } cases[] = {
        {"from=eu-west;to=us-east", "1>0 1>3 4>0 4>3"},
        {"between=us-east-1;and=clients of eu-west", "0>4 3>4 4>0 4>3"},
        {"from=leader of accounts;to=any-follower of accounts", "2>0 2>3 5>0 5>3"},
        {"isolate=clients of us-east", "0>3 1>3 2>3 3>0 3>1 3>2 3>4 3>5 4>3 5>3"},
        {"from=us-east;to=us-east", "0>3 3>0"},
    };
    const struct topology t = topology_of_three(1);
    struct resolver r;
    resolver_pretend(&r, &t, &one_table, 2);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        void *config;
        const struct fault_ops *f = configured("partition", cases[i].pairs, &config);
        struct link_set links;
        struct err err;
        char text[512];
        assert_int_equal(f->links(config, &r.targets, &links, &err), ERR_OK);
        describe(&links, text, sizeof text);
        print_message("%s: %s\n", cases[i].pairs, text);
        assert_string_equal(text, cases[i].links);
    }
}

static void an_isolated_region_takes_its_clients_along(void **state)
{
    (void)state;
    const struct topology t = topology_of_three(1);
    struct resolver r;
    void *config;
    struct link_set links;
    struct err err;
    resolver_pretend(&r, &t, &one_table, 0);
    const struct fault_ops *f =
        configured("partition", "isolate=leader-region of accounts", &config);
    assert_int_equal(f->links(config, &r.targets, &links, &err), ERR_OK);
    for (int a = 0; a < 6; a++)
        for (int b = 0; b < 6; b++)
            assert_true(links.on[a][b] == ((a % 3 == 0) != (b % 3 == 0)));
}

static void what_does_not_go_together_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *pairs, *sentence;
    } cases[] = {
        {"partition", "", "no links are named; say exactly one of isolate, from with to"},
        {"partition", "from=us-east", "one half of a pair of targets is missing"},
        {"partition", "isolate=us-east;and=eu-west", "one half of a pair"},
        {"partition", "isolate=us-east;from=us-east;to=eu-west", "in more than one way"},
        {"latency", "isolate=us-east;delay=10ms;jitter=11ms",
         "jitter: '11ms' is more than the delay; at most 10ms"},
        {"loss", "rate=1%", "no links are named"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        void *config;
        struct err err = {0};
        const struct fault_ops *f = configured(cases[i].name, cases[i].pairs, &config);
        enum err_code code = f->about.check(config, &err);
        print_message("%s %s: %s\n", cases[i].name, cases[i].pairs, err.msg);
        assert_int_equal(code, ERR_INVALID);
        assert_non_null(strstr(err.msg, cases[i].sentence));
    }
}

static void a_fault_that_can_hit_nothing_is_impossible(void **state)
{
    (void)state;
    static const struct {
        const char *name, *pairs, *sentence; /* NULL: possible */
    } cases[] = {
        {"partition", "isolate=all", "'all' is everybody"},
        {"partition", "isolate=us-east, eu-west, ap-south", "is everybody"},
        {"partition", "from=clients of us-east;to=clients of us-east", "there is no link"},
        {"partition", "isolate=leader-region of accounts", NULL},
        {"partition", "isolate=leader + 1 follower of accounts", NULL},
        {"partition", "isolate=leader + 2 followers of accounts", "is everybody"},
        {"kill", "node=clients of us-east", "names clients; name nodes or a role"},
        {"kill", "node=us-east, clients of us-east", "names clients"},
        {"kill", "node=all", NULL},
        {"pause", "node=mars", "'mars' is no region, node or role"},
    };
    const struct topology t = topology_of_three(1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        void *config;
        struct err err = {0};
        const struct fault_ops *f = configured(cases[i].name, cases[i].pairs, &config);
        enum err_code code = fault_possible(&f->about, config, &t, &one_table, &err);
        print_message("%s %s: %s\n", cases[i].name, cases[i].pairs, err.msg);
        assert_true((code != ERR_OK) == (cases[i].sentence != NULL));
        if (cases[i].sentence)
            assert_non_null(strstr(err.msg, cases[i].sentence));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_tells_all_that_the_loader_wants),
        cmocka_unit_test(a_fault_folds_into_the_shape_of_a_link),
        cmocka_unit_test(a_link_fault_is_on_the_links_its_targets_name),
        cmocka_unit_test(an_isolated_region_takes_its_clients_along),
        cmocka_unit_test(what_does_not_go_together_is_refused),
        cmocka_unit_test(a_fault_that_can_hit_nothing_is_impossible),
    };
    return cmocka_run_group_tests(tests, NULL, forget_configs);
}
