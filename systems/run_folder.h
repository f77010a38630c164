/* Where nodes that are processes keep their things, below the run's folder:
 * nodes/NAME.log and nodes/NAME/. */
#ifndef SYSTEMS_RUN_FOLDER_H
#define SYSTEMS_RUN_FOLDER_H

#include "base/arena.h"
#include "systems/system.h"

/* Make nodes/ and a data folder for each node. */
enum err_code run_folder_make(const struct system_setup *setup, struct err *err) MUST_CHECK;

/* In `arena`; NULL without memory. */
char *run_folder_data(const struct system_setup *setup, uint32_t node, struct arena *arena);
char *run_folder_log(const struct system_setup *setup, const char *name, struct arena *arena);

#endif
