/* log.h: one logfmt line per event on stderr: ts level prog msg key=value...
 *
 * Pairs are key, value, key, value, NULL; values are text and are quoted and escaped here. A
 * value of NULL ends the line. A line longer than 4 KB is cut. Under journald each line starts
 * with its <priority>.
 * Secrets, prompts and answers are never passed in. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_open(const char *program, enum log_level lowest);
bool log_level_from_name(const char *name, enum log_level *level);
void log_line(enum log_level level, const char *msg, ...) __attribute__((sentinel));
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__, (char *)NULL)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__, (char *)NULL)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__, (char *)NULL)
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__, (char *)NULL)

#endif
