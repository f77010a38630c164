#include "harness/repeat.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* Text that grows to the end of its space and is cut there. */
struct words {
    char *at;
    size_t used, size;
};

static void say(struct words *w, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void say(struct words *w, const char *fmt, ...)
{
    if (w->used >= w->size)
        return;
    va_list ap;
    va_start(ap, fmt);
    int length = vsnprintf(w->at + w->used, w->size - w->used, fmt, ap);
    va_end(ap);
    w->used += length > 0 ? (size_t)length : 0;
}

/* One word for a shell, whatever is in it. */
static void say_quoted(struct words *w, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-_./:,=%+@";
    if (*text && strspn(text, plain) == strlen(text)) {
        say(w, "%s", text);
        return;
    }
    say(w, "'");
    for (; *text; text++) {
        if (*text == '\'')
            say(w, "'\\''");
        else
            say(w, "%c", *text);
    }
    say(w, "'");
}

static void say_options(struct words *w, const struct run_options *o, enum stage_kind kind)
{
    say(w, " --on %s --seed %" PRIu64, kind == STAGE_SIM ? "sim" : "local", o->seed);
    static const char *const shapers[] = {[LAB_AUTO] = "",
                                          [LAB_WAN] = " --shaper wan",
                                          [LAB_WAN_TUN] = " --shaper wan-tun",
                                          [LAB_NETEM] = " --shaper netem"};
    say(w, "%s", shapers[o->shaper]);
    for (size_t i = 0; i < o->override_count; i++) {
        char text[1024];
        snprintf(text, sizeof text, "%s=%s", o->overrides[i].path, o->overrides[i].value);
        say(w, " --set ");
        say_quoted(w, text);
    }
    if (o->targets) {
        say(w, " --targets ");
        say_quoted(w, o->targets);
    }
}

const char *repeat_command(const struct run_options *o, enum stage_kind kind, char *out,
                           size_t size)
{
    struct words w = {out, 0, size};
    say(&w, "faultline run ");
    say_quoted(&w, o->scenario);
    say_options(&w, o, kind);
    return out;
}

const char *repeat_script(const struct run_options *o, enum stage_kind kind,
                          const char *program, char *out, size_t size)
{
    struct words w = {out, 0, size};
    char cwd[PATH_MAX];
    say(&w, "#!/bin/sh\n# Repeats this run, from the folder where it was started.\n"
            "here=$(cd \"$(dirname \"$0\")\" && pwd)\nprogram=");
    say_quoted(&w, program);
    if (getcwd(cwd, sizeof cwd)) {
        say(&w, "\ncd ");
        say_quoted(&w, cwd);
        say(&w, " || exit 5");
    }
    say(&w, "\nexec \"${FAULTLINE:-$program}\" run \"$here/scenario.yaml\"");
    say_options(&w, o, kind);
    say(&w, " \"$@\"\n");
    return out;
}
